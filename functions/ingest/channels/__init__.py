"""One package per channel: the shapes it sends, the adapter that reads them, and notes in the package's docstring."""
