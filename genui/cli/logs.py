"""The log of `genui serve`: lines for people, or a JSON object a line; secrets in neither.

Records are formatted whole, traceback and all, before the secrets are taken out: a secret may stand in the
message of an exception that is not ours.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime

from genui.server import current_run

_SECRET_VARIABLES = re.compile(r"KEY|TOKEN|SECRET|PASSWORD")

_CREDENTIALS = re.compile(
    r"(?i)(?<=bearer )[^\s'\"\\,}]+|(?<=ticket=)[^\s&'\"\\]+|(?<=genui_session=)[^\s;'\"\\]+|(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"
)
"""What is a credential wherever it stands: tokens in headers, tickets, cookies, passwords in addresses."""

_HIDDEN = "[hidden]"


class Hiding(logging.Formatter):
    """Lines without the given secrets."""

    def __init__(self, secrets: Iterable[str], form: str | None = None) -> None:
        super().__init__(form or "%(levelname)s: %(message)s")
        self._secrets = sorted({secret for secret in secrets if len(secret) >= 8}, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        return self.hide(super().format(record))

    def hide(self, text: str) -> str:
        """The text with what is secret in it hidden."""
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return _CREDENTIALS.sub(_HIDDEN, text)


class JsonLines(Hiding):
    """`time`, `level`, `logger`, `message`, then `run` and `thread` where there is a run, then what the
    record says of it, then `exception`."""

    def format(self, record: logging.LogRecord) -> str:
        run = current_run.get()
        about = {"run": run[0], "thread": run[1]} if run else {}
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.hide(record.getMessage()),
            **about,
            **getattr(record, "genui", {}),
        }
        if record.exc_info:
            line["exception"] = self.hide(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False, default=str)


def secrets_of(environment: Iterable[tuple[str, str]], keys: Iterable[str]) -> set[str]:
    """What must not be read in a log: the keys, and whatever the environment calls one."""
    named = {value for name, value in environment if _SECRET_VARIABLES.search(name)}
    return {*named, *keys}


def configure(form: str, keys: Iterable[str]) -> None:
    """Send all log records of this process to standard error, as `text` or `json`."""
    secrets = secrets_of(os.environ.items(), keys)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(secrets) if form == "json" else Hiding(secrets))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    if form == "json":
        logging.getLogger("genui").setLevel(logging.INFO)
