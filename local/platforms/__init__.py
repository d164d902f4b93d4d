"""Stand-ins for the platforms: they accept and refuse what the real ones do, and fail when told to."""
