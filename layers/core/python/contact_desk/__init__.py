"""The domain of the contact desk: its words, its records, its ports and the stores behind them."""

__version__ = "0.1.0"
