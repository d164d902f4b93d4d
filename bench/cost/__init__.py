"""What a desk costs a month: counted calls and measured sizes, times the prices of a dated file."""
