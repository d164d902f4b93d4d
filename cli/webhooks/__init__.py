"""The webhooks of the desk as the platforms have them: looked at, and set."""
