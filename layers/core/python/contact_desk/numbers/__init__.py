"""The numbers of the desk: what is counted, by which definitions, and what is reckoned from the counts."""
