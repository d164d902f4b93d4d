"""The page with the one question after a case."""
