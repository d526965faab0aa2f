"""Pictures and files in what clients of other protocols send. Only text is taken.

A question with one is refused, in words. The client keeps it all the same, and sends it again with every
later question: there it is left out, and the model is told that there was something.
"""

from __future__ import annotations

from genui.errors import CallerError

LEFT_OUT = "[A picture or file was attached here, which cannot be read.]"


def refusal(kind: str) -> CallerError:
    """Why a question with something of this kind is not answered."""
    message = f"messages: content: only text is taken, and no {kind[:40]}: ask again without it."
    return CallerError("bad-request", message)


def noted(text: str) -> str:
    """The text of a message, and that something stood there besides."""
    return f"{text}\n\n{LEFT_OUT}" if text else LEFT_OUT
