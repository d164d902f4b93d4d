"""The `desk` command: what the platform team and the communications team do from a terminal."""
