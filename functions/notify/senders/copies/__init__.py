"""Copies of broadcasts: published, edited, deleted and followed up, one channel at a time."""
