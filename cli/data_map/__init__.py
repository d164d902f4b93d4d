"""The data map: every kind of record and place that the desk has, made from the code and from the template."""
