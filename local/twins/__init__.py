"""In-memory twins of the ports: the same behaviour without a network, held to it by the contract suite."""
