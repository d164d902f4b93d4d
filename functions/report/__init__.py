"""Takes in the online report form, and says whether the desk is up."""
