"""genui: a language model's token stream, turned into text and live widgets."""

__version__ = "0.1.0"
