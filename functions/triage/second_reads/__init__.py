"""The second reader: a large language model that reads what the first did not find red, and may only raise it."""
