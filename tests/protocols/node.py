"""Runs a script of tests/protocols in Node, against a server in this process."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def needs(folder: str) -> pytest.MarkDecorator:
    """Skips where its Node packages are not installed; `make test` installs them."""
    there = (HERE / folder / "node_modules").is_dir() and shutil.which("node")
    return pytest.mark.skipif(not there, reason=f"`make dev` installs tests/protocols/{folder}")


async def run(script: str, given: Any) -> Any:
    """What a script writes to stdout, given JSON on stdin."""
    process = await asyncio.create_subprocess_exec("node", str(HERE / script), stdin=-1, stdout=-1, stderr=-1)
    output, errors = await process.communicate(json.dumps(given).encode())
    assert process.returncode == 0, errors.decode()[-2000:]
    return json.loads(output)
