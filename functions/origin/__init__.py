"""origin: tells the API whether a call came by the front door, where the edge's rules have seen it."""
