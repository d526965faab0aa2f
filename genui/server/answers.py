"""Every answer that is not a stream: JSON, its headers, and errors in one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse

from genui.errors import CallerError

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""An answer of the API is kept by nobody, and is nothing but data even where a browser is led to open it."""

_HTTP_ERRORS = {
    404: ("not-found", "There is nothing at this address."),
    405: ("method-not-allowed", "This address does not take that method; see the Allow header."),
}


def answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A JSON answer."""
    return JSONResponse(content, status, {**HEADERS, **(headers or {})})


def plain_answer(text: str) -> PlainTextResponse:
    """An answer in plain text."""
    return PlainTextResponse(text, headers=HEADERS)


def error_answer(error: Exception) -> JSONResponse:
    """What an exception is to the caller: a CallerError in its own words, anything unforeseen in none."""
    if isinstance(error, CallerError):
        return _error(error.status, error.code, error.message, _advice(error))
    if isinstance(error, HTTPException):
        code, message = _HTTP_ERRORS.get(error.status_code, ("http-error", error.detail))
        return _error(error.status_code, code, message, error.headers)
    return _error(500, "internal", "internal error")


def _advice(error: CallerError) -> dict[str, str]:
    """The headers that say what would help."""
    wait = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return wait | ({"WWW-Authenticate": "Bearer"} if error.status == 401 else {})


def _error(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return answer({"error": {"code": code, "message": message}}, status, headers)
