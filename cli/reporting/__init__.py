"""The report of the desk's numbers: months, plots, a page, and the same figures as CSV and JSON."""
