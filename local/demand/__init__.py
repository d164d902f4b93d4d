"""Demand as a force has it: when people write, what about, from where; from a seed, as signed deliveries."""
