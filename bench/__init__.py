"""What the desk costs in processor time, always as a ratio to a named baseline of the same run."""
