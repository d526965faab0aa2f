"""Whatever goes wrong with a model, to a ModelError: a stable code, and words fit for a user.

The provider's own words never travel: they quote keys, prompts, tool arguments and failed generations.
They go to the log, without `failed_generation`, where the operator finds them.

| code | when |
| --- | --- |
| model-unreachable | no connection to the server |
| model-timeout | connected, but nothing came, or nothing more, within the limit |
| model-auth | no API key, or one that the server does not accept |
| model-rate-limit | too many requests, or the quota is used up |
| model-not-found | the server has no such model, or no chat completions at this address |
| model-context | the conversation is too long for the model |
| model-content-filter | the provider's filter stopped the answer |
| model-cut | the connection ended in the middle of an answer |
| model-garbled | what came is not a chat completion stream |
| model-repeats | the model wrote the same over and over, and was stopped |
| model-error | any other error that the provider reported |
| run-too-large | it wrote more than may be kept of it |
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

import openai

from genui.errors import GenUIError, ModelError
from genui.events import Failure

log = logging.getLogger("genui.agent")

_MESSAGES = {
    "model-unreachable": "The model server cannot be reached. Does it run, and is OPENAI_BASE_URL right?",
    "model-timeout": "The model took too long to answer. Try again.",
    "model-auth": "The model server did not accept the API key. Check OPENAI_API_KEY.",
    "model-rate-limit": "The model has too many requests, or its quota is used up. Try again in a moment.",
    "model-not-found": "The model server does not know this model. Check GENUI_MODEL and OPENAI_BASE_URL.",
    "model-context": "The conversation has become too long for this model. Start a new one.",
    "model-content-filter": "The provider's content filter stopped this answer.",
    "model-cut": "The connection to the model was lost in the middle of the answer. Try again.",
    "model-garbled": "The model server sent something that is not an answer. Check OPENAI_BASE_URL.",
    "model-repeats": "The model repeated itself without end and was stopped. Try again.",
    "model-error": "The model reported an error. Try again.",
    "run-too-large": "The answer was stopped: it became too long.",
}

_BY_STATUS = {
    "301": "model-not-found",
    "302": "model-not-found",
    "307": "model-not-found",
    "308": "model-not-found",
    "401": "model-auth",
    "403": "model-auth",
    "404": "model-not-found",
    "408": "model-timeout",
    "413": "model-context",
    "429": "model-rate-limit",
    "504": "model-timeout",
}

_BY_WORD = {
    "context_length_exceeded": "model-context",
    "content_filter": "model-content-filter",
    "rate_limit_exceeded": "model-rate-limit",
    "insufficient_quota": "model-rate-limit",
    "invalid_api_key": "model-auth",
    "model_not_found": "model-not-found",
}
"""By the provider's own error code or type, which says more than the status."""


_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
"""What would end a line of the log, or write over it."""

_QUOTA = {"insufficient_quota", "billing_hard_limit_reached"}
"""Limits that no waiting lifts."""


def is_quota(body: object) -> bool:
    """Whether an error's body says that the quota is used up."""
    words = (body.get("code"), body.get("type")) if isinstance(body, Mapping) else ()
    return any(isinstance(word, str) and word in _QUOTA for word in words)


def failed(code: str) -> ModelError:
    """The ModelError of one of the codes above."""
    return ModelError(code, _MESSAGES[code])


def from_openai(error: openai.OpenAIError) -> ModelError:
    """The ModelError of what the openai package raised."""
    log.warning("model request failed: %s", _for_the_log(error))
    if isinstance(error, openai.APITimeoutError):
        return failed("model-timeout")
    if isinstance(error, openai.APIConnectionError):
        return failed("model-unreachable")
    if isinstance(error, openai.APIStatusError):
        return failed(_code(error.body, error.status_code))
    return failed("model-error")


def from_chunk(chunk: Mapping[str, Any]) -> ModelError:
    """The ModelError of an error object that came in the stream, after status 200."""
    error = chunk.get("error") or chunk
    log.warning("model failed while answering: %s", _for_the_log(error))
    status = error.get("status_code") or error.get("code") if isinstance(error, Mapping) else None
    return failed(_code(error, status))


def failure(error: Exception) -> Failure:
    """What `run-end` says of an exception: an error of ours as it is, a bug in no detail (it is logged)."""
    if isinstance(error, GenUIError):
        return error.as_dict()
    log.error("a run failed", exc_info=error)
    return {"code": "internal", "message": "Something went wrong while answering. Try again."}


def _code(body: object, status: object) -> str:
    if isinstance(body, Mapping):
        for word in (body.get("code"), body.get("type")):
            if isinstance(word, str) and word in _BY_WORD:
                return _BY_WORD[word]
    return _BY_STATUS.get(str(status), "model-error")


def _for_the_log(error: object) -> str:
    if isinstance(error, openai.APIStatusError):
        moved = error.response.headers.get("location") if error.status_code < 400 else None
        said = f"moved to {moved}, which is not followed" if moved else error.body
        return f"{error.status_code} {_for_the_log(said)}"
    if isinstance(error, Mapping):
        error = {key: error.get(key) for key in ("code", "type", "message") if error.get(key)}
    told = f"{type(error).__name__} {error}" if isinstance(error, Exception) else str(error)
    return _CONTROLS.sub(" ", told[:300])
