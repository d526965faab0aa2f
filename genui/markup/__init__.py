"""Text in, events out: the recognizer and what configures it."""

from genui.markup.hidden import HIDDEN_SPANS, HiddenSpan
from genui.markup.limits import Limits
from genui.markup.recognizer import Recognizer

__all__ = ["HIDDEN_SPANS", "HiddenSpan", "Limits", "Recognizer"]
