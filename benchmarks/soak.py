"""A soak: the service under what a day brings, for as long as it is told, and is it the same afterwards?

    python -m benchmarks.soak --seconds 3600 --store sqlite:///genui.db

`genui serve` runs in a process of its own, with keys, limits and metrics on. Clients ask, read to the end,
leave in the middle, come back, cancel, draw, read and delete threads, and send what is no request. Memory,
tasks and descriptors are read from `/metrics` whenever all clients rest; they are flat when the least of the
last third is no more than the least of the middle third and a little: the least, since what is being
collected comes and goes; the middle, since in the first the cache of finished runs fills (64 MB, a quarter
of an hour). What answered 5xx, and what a stream lacked, is counted, and must be nothing; where a 503
says when to come back, it is asked again then.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx

ROOT = Path(__file__).parents[1]

ALLOWED = {"process_resident_memory_bytes": 8e6, "genui_tasks": 2, "process_open_fds": 2}
"""What may be more at the end than at the beginning: warming up goes on for a while."""

STREAM = {"Accept": "text/event-stream"}


@dataclass
class Tally:
    """What has happened."""

    done: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    samples: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in ALLOWED})

    def grown(self) -> dict[str, tuple[float, float]]:
        """What is not flat: the least of the middle and of the last third."""
        found = {}
        for name, allowed in ALLOWED.items():
            values = self.samples[name]
            third = max(1, len(values) // 3)
            middle, last = min(values[-2 * third : -third] or values), min(values[-third:])
            if last > middle + allowed:
                found[name] = (middle, last)
        return found


class Clients:
    """Clients of one server."""

    def __init__(self, client: httpx.AsyncClient, tally: Tally, seed: int) -> None:
        self._client = client
        self._tally = tally
        self._random = random.Random(seed)  # noqa: S311
        self._doings: list[Callable[[], Awaitable[None]]] = [
            self._recognize, self._recognize, self._leave, self._come_back, self._cancel, self._converse,
            self._draw, self._nonsense,
        ]  # fmt: skip

    async def round(self, clients: int) -> None:
        """Everyone does something."""
        await asyncio.gather(*(self._one() for _ in range(clients)))

    async def _one(self) -> None:
        doing = self._random.choice(self._doings)
        await doing()
        self._tally.done[doing.__name__.strip("_")] += 1

    async def _request(self, method: str, path: str, **more: object) -> httpx.Response:
        while True:
            response = await self._client.request(method, path, **more)  # type: ignore[arg-type]
            if response.status_code != 503 or "retry-after" not in response.headers:
                break
            self._tally.done["overloaded"] += 1
            await asyncio.sleep(float(response.headers["retry-after"]))
        if response.status_code >= 500:
            self._tally.wrong.append(f"{method} {path}: {response.status_code}")
        return response

    def _text(self) -> str:
        words = " ".join(secrets.token_hex(3) for _ in range(self._random.randint(1, 200)))
        return f'{words}\n\n<Metric "MRR" value="$4"/><Card title="a">{words}</Card><Unknown/>' * 3

    async def _recognize(self) -> None:
        response = await self._request("POST", "v1/recognize?render=both", content=self._text())
        self._check(response.text)

    def _check(self, text: str) -> None:
        numbers = [int(one) for one in re.findall(r"^id: (\d+)$", text, re.MULTILINE)]
        if numbers != list(range(1, len(numbers) + 1)) or '"type":"run-end"' not in text:
            self._tally.wrong.append(f"a stream has a gap or no end: {text[-200:]}")

    async def _ask(self, **more: object) -> dict[str, str]:
        body = {"messages": [{"role": "user", "content": "What is the weather in Lisbon?"}], **more}
        told: dict[str, str] = (await self._request("POST", "v1/runs", json=body)).json()
        return told

    async def _leave(self) -> None:
        body = {"messages": [{"role": "user", "content": "Show me the sales"}]}
        async with self._client.stream("POST", "v1/runs", json=body, headers=STREAM) as response:
            async for _ in response.aiter_bytes():
                break

    async def _come_back(self) -> None:
        told = await self._ask()
        async with self._client.stream("GET", told["events"].lstrip("/")) as response:
            async for _ in response.aiter_bytes():
                break
        await self._request("POST", f"v1/runs/{told['run']}/cancel")
        self._check((await self._request("GET", told["events"].lstrip("/"))).text)

    async def _cancel(self) -> None:
        await self._request("POST", f"v1/runs/{(await self._ask())['run']}/cancel")

    async def _converse(self) -> None:
        told = await self._ask()
        await self._request("POST", f"v1/runs/{told['run']}/cancel")
        await self._request("GET", f"v1/threads/{told['thread']}?render=html")
        await self._request("DELETE", f"v1/threads/{told['thread']}")

    async def _draw(self) -> None:
        drawing = {"name": "Table", "props": {"columns": ["a", "b"], "rows": [[1, 2]] * 50}}
        await self._request("POST", "v1/render", json={"components": [drawing] * 5})

    async def _nonsense(self) -> None:
        junk = self._random.randbytes(self._random.randint(0, 3000))
        headers = {"Content-Type": "application/json"}
        for path in ("v1/runs", "v1/actions", "v1/render", "v1/threads/x/fork", "v1/runs/x/events"):
            await self._request("POST", path, content=junk, headers=headers)
        await self._request("GET", "v1/runs/x/events", headers={"Last-Event-ID": junk.hex()[:50]})


@contextmanager
def _server(key: str, store: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        code = "import sys; from genui.cli import main; sys.exit(main())"
        options = ["--port", "0", "--model", "demo", "--rate", "0", "--open-requests", "0", "--store", store]
        environment = {**os.environ, "GENUI_API_KEY": key, "GENUI_METRICS_KEY": key, "PYTHONPATH": str(ROOT)}
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", code, "serve", *options],
                cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            while not (found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text())):
                assert process.poll() is None, log.read_text()
                time.sleep(0.05)
            yield found[0]
        finally:
            process.terminate()
            process.wait(timeout=30)


async def _sample(client: httpx.AsyncClient, tally: Tally) -> None:
    for _ in range(100):
        text = (await client.get("metrics")).text
        values = {name: float(found[1]) for name in [*ALLOWED, "genui_runs_live", "genui_streams"]
                  if (found := re.search(rf"^{name} (\S+)$", text, re.MULTILINE))}  # fmt: skip
        if not values["genui_runs_live"] and not values["genui_streams"]:
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.6)  # tasks are counted twice a second
    text = (await client.get("metrics")).text
    for name in ALLOWED:
        found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
        tally.samples[name].append(float(found[1]) if found else 0.0)


async def soak(seconds: float, clients: int, seed: int, store: str = "memory") -> Tally:
    """Run it; what happened. A file that `store` names is relative to a folder that is deleted at the end."""
    tally, key = Tally(), secrets.token_urlsafe(32)
    with _server(key, store) as url:
        headers = {"Authorization": f"Bearer {key}"}
        limits = httpx.Limits(max_connections=clients)
        async with httpx.AsyncClient(
            base_url=f"{url}/", headers=headers, timeout=60, limits=limits
        ) as client:
            crowd = Clients(client, tally, seed)
            for _ in range(3):  # imports, caches, templates: what grows once
                await crowd.round(clients)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                pause = min(max(1.0, seconds / 60), end - time.monotonic())
                busy = time.monotonic() + pause
                while time.monotonic() < busy:
                    await crowd.round(clients)
                await _sample(client, tally)
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description="Is the service the same after a long while?")
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--store", default="memory")
    options = parser.parse_args()
    tally = asyncio.run(soak(options.seconds, options.clients, options.seed, options.store))
    print(json.dumps({"done": tally.done, "samples": tally.samples, "wrong": tally.wrong[:20]}))
    for name, (middle, last) in tally.grown().items():
        print(f"{name} grew from {middle:g} to {last:g}", file=sys.stderr)
    return 1 if tally.wrong or tally.grown() else 0


if __name__ == "__main__":
    sys.exit(main())
