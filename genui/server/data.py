"""Loaders at work: a run's companion that calls the `load` of its components and tells what they bring.

A loader starts as soon as the props that it needs are whole and valid, beside the stream of tokens. What
it brings is a `component-data` event; of a generator that yields faster than ten times a second, the
latest state so often, and the last one always.

| a loader | its component |
| --- | --- |
| returns, or its generator ends | has its data |
| takes longer than its time | `load-timeout`; a generator that has given something is just stopped |
| raises a GenUIError | `load-failed`, in its words |
| raises anything else, or gives what is no JSON object | `load-failed`; the logger gets the traceback |
| is no longer wanted: the component failed, its props changed, the run was cancelled | nothing |

The run's end waits for its loaders; none outlives it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import TypeAlias

from genui.catalog import Catalog, Component
from genui.errors import GenUIError, PropError
from genui.events import (
    LOAD_ERRORS,
    ComponentData,
    ComponentDelta,
    ComponentError,
    Event,
    Json,
    Op,
    RenderComponent,
    RunEnd,
    apply_op,
    changes,
    pointer_steps,
)

log = logging.getLogger("genui.server")

Say: TypeAlias = Callable[[Event], None]

INTERVAL = 0.1
"""Seconds between two events of one loader."""

AT_ONCE = 16
"""How many loaders of one run work at a time; the others wait, and their time runs."""

LARGEST = 1_000_000
"""Characters of JSON that a loader may give at a time."""

BREATH = 0.001
"""Seconds after each value of a generator: one that never waits must not stop everything else."""

PATIENCE = 1.0
"""Seconds that a cancelled loader has to end."""


class DataLoaders:
    """The loaders of one run."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._early: dict[str, _EarlyProps] = {}
        self._jobs: dict[str, _Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._longest = 0.0

    def hear(self, event: Event, say: Say) -> None:
        """Start what can be started."""
        if isinstance(event, RenderComponent):
            component = self._catalog.get(event.name)
            if component is not None and component.load is not None:
                self._render(component, event, say)
        elif isinstance(event, ComponentDelta):
            if early := self._early.get(event.id):
                early.grow(event.ops)
                self._start_early(event.id, early, say)
        elif isinstance(event, ComponentError) and event.id is not None and event.code not in LOAD_ERRORS:
            self._early.pop(event.id, None)
            self._stop(event.id)

    @property
    def busy(self) -> bool:
        """Whether any is at work."""
        return bool(self._tasks)

    async def finish(self) -> None:
        """Wait for all of them: each has its time-out, so this ends."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._longest + PATIENCE)

    async def close(self) -> None:
        """Cancel those that are still at work."""
        self._early.clear()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            _, stubborn = await asyncio.wait(self._tasks, timeout=PATIENCE)
            if stubborn:
                log.warning("%d loaders do not end though they were cancelled", len(stubborn))

    def conclude(self, end: RunEnd) -> RunEnd:
        """Loaders add nothing to it."""
        return end

    def _render(self, component: Component, event: RenderComponent, say: Say) -> None:
        needs = component.load_needs
        if event.state == "complete":
            self._early.pop(event.id, None)
            wanted = (
                event.props
                if needs is None
                else {name: event.props[name] for name in needs if name in event.props}
            )
            self._start(component, event.id, wanted, say)
        elif needs is not None and event.id not in self._early:
            early = self._early[event.id] = _EarlyProps(component, needs)
            self._start_early(event.id, early, say)

    def _start_early(self, name: str, early: _EarlyProps, say: Say) -> None:
        if early.ready():
            del self._early[name]
            self._start(early.component, name, early.props, say)

    def _start(self, component: Component, name: str, props: Mapping[str, Json], say: Say) -> None:
        before = self._jobs.get(name)
        if before is not None and before.props == props:
            return
        self._stop(name)
        job = self._jobs[name] = _Job(component, name, props, say, before.data if before else {})
        task = job.task = asyncio.get_running_loop().create_task(
            job.work(self._slots), name=f"genui load {component.name}"
        )
        self._longest = max(self._longest, component.load_timeout)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _stop(self, name: str) -> None:
        job = self._jobs.pop(name, None)
        if job is not None and job.task is not None:
            job.task.cancel()


class _EarlyProps:
    """The props that a loader needs, while their component is still being written.

    A prop is whole when its value comes in one piece, or when another prop is being written after it.
    """

    def __init__(self, component: Component, needs: Sequence[str]) -> None:
        self.component = component
        self.props: dict[str, Json] = {}
        self._needs = frozenset(needs)
        self._whole: set[str] = set()
        self._written: str | None = None

    def grow(self, ops: Sequence[Op]) -> None:
        for op in ops:
            name = pointer_steps(op["path"])[0]
            if self._written not in (None, name):
                self._whole.add(str(self._written))
            self._written = name
            if name in self._needs:
                apply_op(self.props, op)
                prop = self.component.prop(name)
                if prop is not None and prop.is_scalar and not prop.streams:
                    self._whole.add(name)

    def ready(self) -> bool:
        return self._needs <= self._whole and all(map(self._is_valid, self._needs))

    def _is_valid(self, name: str) -> bool:
        prop = self.component.prop(name)
        try:
            if prop is not None:
                prop.check(self.props[name])
        except PropError:
            return False
        return True


class _Job:
    """One call of one loader."""

    def __init__(
        self, component: Component, name: str, props: Mapping[str, Json], say: Say, data: dict[str, Json]
    ) -> None:
        self.props = dict(props)
        self.data = data  # as the client has it
        self.task: asyncio.Task[None] | None = None
        self._component = component
        self._name = name
        self._say = say
        self._latest: dict[str, Json] = {}
        self._told = False
        self._timer: asyncio.TimerHandle | None = None

    async def work(self, slots: asyncio.Semaphore) -> None:
        """Call it and tell what it brings, or why it brings nothing. Raises nothing but CancelledError."""
        try:
            async with asyncio.timeout(self._component.load_timeout) as limit:
                async with slots:
                    await self._load()
        except GenUIError as error:
            self._fail("load-failed", error.message)
        except Exception as error:
            if not limit.expired():
                log.exception("component %s: its loader failed", self._component.name)
                self._fail("load-failed", f"The data for {self._component.name} could not be loaded.")
            elif self._told and isinstance(error, TimeoutError):
                self._tell()
            else:
                self._fail("load-timeout", f"The data for {self._component.name} took too long.")
        else:
            self._tell()
        finally:
            if self._timer:
                self._timer.cancel()

    async def _load(self) -> None:
        assert self._component.load is not None  # noqa: S101 (only such components come here)
        given = self._component.load(json.loads(json.dumps(self.props)))
        if not isinstance(given, AsyncIterator):
            self._offer(await given)
            return
        async with contextlib.aclosing(given) as values:  # type: ignore[type-var]
            async for data in values:
                self._offer(data)
                await asyncio.sleep(BREATH)

    def _offer(self, data: Mapping[str, Json]) -> None:
        """Take what the loader gave: tell it now, or when it is time."""
        self._latest |= _snapshot(data)
        if self._timer is None:
            self._due()

    def _due(self) -> None:
        self._timer = None
        if self._tell():
            self._timer = asyncio.get_running_loop().call_later(INTERVAL, self._due)

    def _tell(self) -> bool:
        """Tell what has changed; whether there was anything. The first time an empty event is news too:
        nothing more is to be waited for."""
        ops = list(changes(self.data, self._latest))
        if not ops and self._told:
            return False
        self._told = True
        self.data.update(self._latest)
        self._say(ComponentData(self._name, ops))
        return True

    def _fail(self, code: str, message: str) -> None:
        if self._latest:
            self._tell()
        self._say(ComponentError(self._name, self._component.name, code, message, source=""))


def _snapshot(data: Mapping[str, Json]) -> dict[str, Json]:
    """A copy that no loader can change any more, of what is surely JSON."""
    if not isinstance(data, Mapping):
        raise TypeError(f"load() must give a dict, and this one gave {type(data).__name__}")
    text = json.dumps(data, allow_nan=False)
    if len(text) > LARGEST:
        raise ValueError(f"load() gave {len(text)} characters of JSON; {LARGEST} are the most")
    copied: dict[str, Json] = json.loads(text)
    return copied
