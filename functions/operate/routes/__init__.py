"""The operators' routes, by subject."""
