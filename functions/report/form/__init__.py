"""The public report form: rendered here, its answers carried by its own pages, nothing kept before it is sent."""
