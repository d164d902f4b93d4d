"""Sends what the table says is to be sent, once, and matches the platforms' confirmations to it."""
