"""Reads what webhooks may have missed: one module per kind of reader, which writes what the webhook would send."""
