"""From a request to the bytes of its answer: connecting, waiting as a busy server asks, timing silences.

The `openai` package does what it does best: configuration, authentication, errors. Its own retries are off:
it would wait up to a minute without a word, and a user who sees nothing for that long thinks it broken.

| the server | then |
| --- | --- |
| is not reachable, or answers 408, 409, 429 or 5xx | it is asked again, `retries` times |
| says how long to wait (`Retry-After`, `x-ratelimit-reset-*`) | that long, if all waits together allow it |
| says nothing of it | half a second, then twice that, … (with jitter, so that clients spread out) |
| asks for more than `patience` allows, or says that the quota is used up | that is the error, at once |
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

import openai

from genui.agent import connections, failures
from genui.agent.model import WaitPiece
from genui.agent.sse import LONGEST
from genui.errors import ModelError

log = logging.getLogger("genui.agent")

Post: TypeAlias = Callable[[], Awaitable[Any]]
"""Sends the request; gives httpx's response once its head is there."""

_DRAIN_TIMEOUT = 0.25
_NOTICED = 1.0
"""Seconds from which on a wait is worth a line to the user."""


class BrokenError(Exception):
    """The transport failed while the body was being read."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: `first` for an answer to begin, for each attempt; `next` for each silence after it; `waits`
    for all the waits together that a server asks for. `retries` is how often a request is sent again."""

    first: float = 120.0
    next: float = 60.0
    waits: float = 60.0
    retries: int = 2


async def answer(post: Post, patience: Patience) -> AsyncGenerator[Body | WaitPiece, None]:
    """The waits before it, and the answer's body: whoever gets that closes it. Raises ModelError, or
    BrokenError midway."""
    waited = 0.0
    for attempt in range(patience.retries + 1):
        opened = await _open(post, patience)
        if isinstance(opened, Body):
            yield opened
            return
        seconds = wait_before(opened, attempt)
        if seconds is None or attempt == patience.retries or waited + seconds > patience.waits:
            raise failures.from_openai(opened) from opened
        if seconds >= _NOTICED:
            yield WaitPiece(seconds)
        waited += seconds
        await asyncio.sleep(seconds)


class _Foreign:
    """The body of a response that another transport than ours brought; see `connections.Body`."""

    complete = False

    def __init__(self, response: Any, *, plain: bool) -> None:
        self._response = response
        # Plain bytes straight from the connection, past four layers.
        self._pieces: AsyncIterator[bytes] = aiter(response.stream) if plain else response.aiter_bytes()

    async def read(self) -> bytes:
        return await anext(self._pieces, b"")

    async def aclose(self) -> None:
        await self._response.aclose()


class Body:
    """The body of an answer that has begun, read with a limit on each silence.

    `asyncio.timeout` around every read costs as much as everything else that is done for a chunk. Here one
    timer looks whether the read that is going on has waited too long, and is set again only when it fires.
    Nothing is held of the response but its bytes: a stream may be open for minutes.
    """

    __slots__ = ("_deadline", "_expired", "_first", "_loop", "_reader", "_seconds", "_source", "_timer")

    def __init__(self, source: connections.Body | _Foreign, patience: Patience) -> None:
        self._source = source
        self._seconds = patience.next
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._reader: asyncio.Task[Any] | None = None  # the task that waits for a chunk
        self._deadline = 0.0
        self._expired = False
        self._first = b""

    async def begin(self, seconds: float, *, is_json: bool) -> None:
        """Wait for the first bytes; of a server that does not stream for its one document, as one frame."""
        first = await self.next(seconds)
        if is_json:
            chunks, size = [first], len(first)
            while chunk := await self.next():
                chunks.append(chunk)
                size += len(chunk)
                if size > LONGEST:
                    raise failures.failed("model-garbled")
            first = b"data: " + b"".join(chunks).replace(b"\r", b" ").replace(b"\n", b" ")
        self._first = first

    async def next(self, seconds: float | None = None) -> bytes:
        """The next bytes, within `seconds` (None: as long as a silence may be); none at the end. Whatever
        HTTP library openai brought, and whatever that raises, a failure while reading is a broken connection.
        Raises BrokenError, ModelError (`model-timeout`)."""
        if self._first:
            first, self._first = self._first, b""
            return first
        if seconds is None:
            seconds = self._seconds
        self._deadline = self._loop.time() + seconds
        if self._timer is None or self._deadline < self._timer.when():  # the first wait is the longest
            self._cancel_timer()
            self._timer = self._loop.call_at(self._deadline, self._look)
        self._reader = task = asyncio.current_task()
        try:
            return await self._source.read()
        except asyncio.CancelledError:
            if self._expired and task is not None and not task.uncancel():
                raise failures.failed("model-timeout") from None
            raise
        except Exception as error:
            log.warning("the model's connection broke: %s: %s", type(error).__name__, error)
            raise BrokenError from error
        finally:
            self._reader = None

    def _look(self) -> None:
        self._timer = None
        if self._reader is None:
            return
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._look)
        else:
            self._expired = True
            self._reader.cancel()

    async def drain(self) -> None:
        """Read to the end, the last word being known: a connection is used again only then."""
        if not self._source.complete:
            with contextlib.suppress(TimeoutError, ModelError, BrokenError):
                async with asyncio.timeout(_DRAIN_TIMEOUT):
                    while await self.next():
                        pass

    async def aclose(self) -> None:
        """No more will be read."""
        self._cancel_timer()
        await self._source.aclose()

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


async def _open(post: Post, patience: Patience) -> Body | openai.OpenAIError:
    """The answer from its first bytes on, or why there is none. Raises ModelError (`model-timeout`,
    `model-garbled`), BrokenError."""
    body: Body | None = None
    try:
        async with asyncio.timeout(patience.first):
            try:
                response = await post()
            except openai.OpenAIError as error:
                return error
            is_json = response.headers.get("content-type", "").startswith("application/json")
            body = Body(_source_of(response), patience)
            await body.begin(patience.first, is_json=is_json)
            return body
    except BaseException as error:
        if body is not None:
            await body.aclose()
        if isinstance(error, TimeoutError):
            raise failures.failed("model-timeout") from error
        raise


def _source_of(response: Any) -> connections.Body | _Foreign:
    """The bytes of a response; straight from the connection, unless they are compressed or not ours."""
    ours: connections.Body | None = response.extensions.get(connections.BODY)
    plain = response.headers.get("content-encoding", "identity") == "identity"
    return ours if ours is not None and plain else _Foreign(response, plain=plain)


# How long to wait


def wait_before(error: openai.OpenAIError, attempt: int) -> float | None:
    """Seconds to wait before the request is sent again; None if that would be of no use. `attempt` counts
    from 0."""
    if isinstance(error, openai.APIStatusError):
        if not _is_passing(error):
            return None
        asked = asked_wait(error.response.headers, time.time())
        if asked is not None:
            return asked
    elif not isinstance(error, openai.APIConnectionError):
        return None
    return min(8.0, 0.5 * 2.0**attempt) * random.uniform(0.75, 1.0)  # noqa: S311 (not for secrets)


def _is_passing(error: openai.APIStatusError) -> bool:
    said = error.response.headers.get("x-should-retry")
    if said in ("true", "false"):
        return bool(said == "true")
    if failures.is_quota(error.body):
        return False
    return error.status_code in (408, 409, 429) or error.status_code >= 500


def asked_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that a server asks to wait, if it does; `now` is the time since the epoch. First what is
    meant for it (`Retry-After`: RFC 9110, 10.2.3), then when the limit that is used up is reset."""
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    if after := headers.get("retry-after"):
        return _after(after, now)
    resets = [
        _reset(headers[f"x-ratelimit-reset{what}"], now)
        for what in ("", "-requests", "-tokens")
        if f"x-ratelimit-reset{what}" in headers
        and _number(headers.get(f"x-ratelimit-remaining{what}", "0")) == 0
    ]
    return max((reset for reset in resets if reset is not None), default=None)


def _after(text: str, now: float) -> float | None:
    seconds = _number(text)
    if seconds is not None:
        return seconds
    try:
        at: float = parsedate_to_datetime(text).timestamp()
    except ValueError:
        return None
    return max(0.0, at - now)


_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?\Z", re.ASCII)


def _reset(text: str, now: float) -> float | None:
    """`6m0s`, `1.5s` and `20ms` are durations, as is a small number (in seconds); a large one is a time
    since the epoch, in seconds or (OpenRouter) in milliseconds."""
    number = _number(text)
    if number is not None:
        epoch = number / 1000 if number > 1e11 else number
        return max(0.0, epoch - now) if epoch > 1e8 else number
    if not (found := _DURATION.match(text)) or not text:
        return None
    hours, minutes, seconds, milliseconds = (float(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < 1e15 else None
