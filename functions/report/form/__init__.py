"""The public report form: pages rendered here, answers carried by the pages themselves, nothing kept before it is sent."""
