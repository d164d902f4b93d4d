"""Decides on each contact: how urgent it is, which case it belongs to, and what the person is told at once."""
