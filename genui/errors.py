"""The error family. Each has a stable `code` for programs, a message for people, and says whose fault
it is: an author's (of a component or an application), a model's, or a caller's.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from genui.events import Failure

Fault = Literal["author", "model", "caller"]


class GenUIError(Exception):
    """Base of all errors that genui raises on purpose. `str(error)` says what, where and what to do."""

    fault: ClassVar[Fault] = "author"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def as_dict(self) -> Failure:
        """The JSON form used in HTTP answers and in `run-end`."""
        return {"code": self.code, "message": self.message}


class ComponentDefinitionError(GenUIError):
    """A component's folder or class is wrong. Names the file and, where known, the line."""

    fault = "author"


class PropError(GenUIError):
    """A value that a model wrote does not fit a prop's schema. `message` names the prop."""

    fault = "model"


class ModelError(GenUIError):
    """The model could not be reached, refused, or failed while it was answering."""

    fault = "model"


class CallerError(GenUIError):
    """A request that cannot be served as it is. `status` is the HTTP status to answer with; `retry_after`
    the seconds after which to ask again."""

    fault: ClassVar[Fault] = "caller"

    def __init__(self, code: str, message: str, status: int = 400, *, retry_after: int | None = None) -> None:
        super().__init__(code, message)
        self.status = status
        self.retry_after = retry_after
