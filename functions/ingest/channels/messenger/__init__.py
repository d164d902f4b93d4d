"""Messenger: private messages to a page."""
