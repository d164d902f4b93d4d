"""Senders: each knows how to send one kind of outbox item to one outside system, and how to look for it there."""
