"""Pushes on whatever fell between two steps of the desk: one module and one schedule per job."""
