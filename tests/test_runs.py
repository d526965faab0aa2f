"""A run's life: it begins once, ends once, and belongs to no connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence

import pytest

from genui.errors import CallerError, GenUIError
from genui.events import Event, RenderComponent, RunEnd, RunStart, Status, Text, from_json, to_json
from genui.runs import INTERRUPTED, Batch, Follower, Inbox, MemoryLog, Runs, UnknownRunError

LONG = 3600.0


async def given(*events: Event) -> AsyncIterator[Event]:
    for event in events:
        yield event


class ByHand:
    """A source that gives what the test writes, and notes how it ended."""

    def __init__(self, last_words: Sequence[Event] = ()) -> None:
        self._events: asyncio.Queue[Event | Exception] = asyncio.Queue()
        self._last_words = last_words
        self.started = asyncio.Event()
        self.closed = asyncio.Event()

    def write(self, *events: Event | Exception) -> None:
        for event in events:
            self._events.put_nowait(event)

    async def events(self) -> AsyncIterator[Event]:
        self.started.set()
        try:
            while True:
                event = await self._events.get()
                if isinstance(event, Exception):
                    raise event
                yield event
        except asyncio.CancelledError:
            for word in self._last_words:
                yield word
            raise
        finally:
            self.closed.set()


async def read(follower: Follower) -> list[tuple[int, Event]]:
    """All that a follower gives, to the end of the run."""
    with follower:
        return [(seq, from_json(data)) async for batch in follower for seq, data in batch]


async def events_of(runs: Runs, run: str, after: int = 0) -> list[Event]:
    return [event for _, event in await read(await runs.follow(run, after))]


async def ended(runs: Runs, source: AsyncIterator[Event]) -> list[Event]:
    """The events of a whole run, without its start."""
    first, *rest = await events_of(runs, runs.start(source).id)
    assert isinstance(first, RunStart)
    assert [type(event) for event in rest].count(RunEnd) == 1
    return rest


def texts(events: Sequence[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, Text))


async def test_a_run_is_its_start_its_events_and_its_end() -> None:
    runs = Runs()
    run = runs.start(given(Text("a"), Text("b"), RunEnd("length", usage={"output_tokens": 2})), thread="t1")
    assert await read(await runs.follow(run.id)) == [
        (1, RunStart(run.id, "t1")),
        (2, Text("a")),
        (3, Text("b")),
        (4, RunEnd("length", usage={"output_tokens": 2})),
    ]


async def test_a_source_without_an_end_ends_with_stop() -> None:
    assert await ended(Runs(), given(Text("a"))) == [Text("a"), RunEnd("stop")]


async def test_a_source_that_starts_a_run_itself_starts_no_second_one() -> None:
    assert await ended(Runs(), given(RunStart("x", "y"), Text("a"), RunEnd("stop"))) == [
        Text("a"),
        RunEnd("stop"),
    ]


async def test_what_a_source_gives_after_its_end_is_not_read_and_it_is_closed() -> None:
    source = ByHand()
    source.write(RunEnd("stop"), Text("more"))
    assert await ended(Runs(), source.events()) == [RunEnd("stop")]
    assert source.closed.is_set()


async def test_an_error_of_ours_ends_the_run_in_its_own_words() -> None:
    source = ByHand()
    source.write(Text("a"), GenUIError("model-down", "The model is not there."))
    assert await ended(Runs(), source.events()) == [
        Text("a"),
        RunEnd("error", {"code": "model-down", "message": "The model is not there."}),
    ]


async def test_any_other_error_is_logged_and_not_told(caplog: pytest.LogCaptureFixture) -> None:
    source = ByHand()
    source.write(ZeroDivisionError("the secret"))
    assert await ended(Runs(), source.events()) == [
        RunEnd("error", {"code": "internal", "message": "internal error"})
    ]
    assert "the secret" in caplog.text


async def test_a_source_that_fails_while_it_is_closed_does_not_change_the_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def source() -> AsyncIterator[Event]:
        try:
            yield RunEnd("stop")
        finally:
            raise ZeroDivisionError

    assert await ended(Runs(), source()) == [RunEnd("stop")]
    assert "ZeroDivisionError" in caplog.text


async def test_an_event_that_json_cannot_hold_ends_the_run_as_an_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.CRITICAL)
    bad = RenderComponent("c1", "Card", "complete", {"value": object()})
    assert await ended(Runs(), given(bad)) == [
        RunEnd("error", {"code": "internal", "message": "internal error"})
    ]


async def test_half_a_surrogate_pair_does_not_end_a_run() -> None:
    assert texts(await ended(Runs(), given(Text("a\ud800b")))) == "a\ufffdb"


async def test_a_run_that_outgrows_its_log_ends_with_that_error() -> None:
    async def endless() -> AsyncIterator[Event]:
        while True:
            yield Text("x" * 100)

    *_, end = await ended(Runs(MemoryLog(run_bytes=1000)), endless())
    assert end == RunEnd(
        "error", {"code": "run-too-large", "message": "The answer was stopped: it became too long."}
    )


async def test_cancelling_closes_the_source_before_it_returns() -> None:
    runs, source = Runs(), ByHand()
    run = runs.start(source.events())
    await source.started.wait()
    await runs.cancel(run.id)
    assert source.closed.is_set()
    assert await events_of(runs, run.id) == [RunStart(run.id, run.thread), RunEnd("cancelled")]


async def test_what_a_source_says_while_it_is_cancelled_still_stands() -> None:
    last = Status("s1", "Searching…", "failed")
    runs, source = Runs(), ByHand([last])
    run = runs.start(source.events())
    await source.started.wait()
    await runs.cancel(run.id)
    assert (await events_of(runs, run.id))[1:] == [last, RunEnd("cancelled")]


async def test_cancelling_again_or_after_the_end_changes_nothing() -> None:
    runs, source = Runs(), ByHand()
    run = runs.start(source.events())
    await source.started.wait()
    await asyncio.gather(*(runs.cancel(run.id) for _ in range(5)))
    await runs.cancel(run.id)
    assert (await events_of(runs, run.id))[1:] == [RunEnd("cancelled")]


async def test_a_run_that_is_cancelled_before_its_first_step_still_begins_and_ends() -> None:
    runs = Runs()
    run = runs.start(ByHand().events())
    await runs.cancel(run.id)
    assert await events_of(runs, run.id) == [RunStart(run.id, run.thread), RunEnd("cancelled")]


async def test_a_source_that_fails_because_it_is_cancelled_was_cancelled() -> None:
    async def source() -> AsyncIterator[Event]:
        yield Text("a")
        try:
            await asyncio.Event().wait()
        finally:
            raise GenUIError("model-cut", "The connection was lost.")

    runs = Runs()
    run = runs.start(source())
    await written(runs, run.id, 2)
    await runs.cancel(run.id)
    assert (await events_of(runs, run.id))[1:] == [Text("a"), RunEnd("cancelled")]


async def written(runs: Runs, run: str, seq: int) -> None:
    """Wait until a run has written event `seq`."""
    with await runs.follow(run) as follower:
        async for batch in follower:
            if batch[-1].seq >= seq:
                return


async def test_a_source_that_does_not_end_when_cancelled_is_left_behind() -> None:
    release = asyncio.Event()

    async def stubborn() -> AsyncIterator[Event]:
        yield Text("a")
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue
        yield Text("too late")

    runs = Runs(patience=0.01)
    run = runs.start(stubborn())
    await written(runs, run.id, 2)
    await runs.cancel(run.id)
    assert len(runs) == 0
    release.set()
    await no_runs_left()
    assert (await events_of(runs, run.id))[1:] == [Text("a"), RunEnd("cancelled")]


async def no_runs_left() -> None:
    """Wait until no task of a run is left."""
    tasks = [task for task in asyncio.all_tasks() if task.get_name().startswith("genui run")]
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_run_goes_on_when_its_followers_leave() -> None:
    runs, source = Runs(grace=LONG), ByHand()
    run = runs.start(source.events())
    source.write(Text("a"))
    with await runs.follow(run.id) as follower:
        await anext(follower)
    source.write(Text("b"), RunEnd("stop"))
    assert texts(await events_of(runs, run.id)) == "ab"


async def test_a_run_that_nobody_ever_follows_is_cancelled_after_the_grace_period() -> None:
    runs, source = Runs(grace=0.01), ByHand()
    run = runs.start(source.events())
    await run.ended.wait()
    assert source.closed.is_set()
    assert (await events_of(runs, run.id))[-1] == RunEnd("cancelled")


async def test_a_run_that_its_last_follower_left_is_cancelled_after_the_grace_period() -> None:
    runs, source = Runs(grace=0.01), ByHand()
    run = runs.start(source.events())
    with await runs.follow(run.id) as first:
        await anext(first)
        (await runs.follow(run.id)).close()
        assert not source.closed.is_set()
    await source.closed.wait()
    assert (await events_of(runs, run.id))[-1] == RunEnd("cancelled")


async def test_a_follower_keeps_a_run_alive_beyond_the_grace_period() -> None:
    runs, source = Runs(grace=0.01), ByHand()
    run = runs.start(source.events())
    with await runs.follow(run.id) as follower:
        await asyncio.sleep(0.05)
        source.write(Text("a"), RunEnd("stop"))
        assert [event for _, event in await read(follower)][-1] == RunEnd("stop")


async def test_every_position_of_a_finished_run_gives_exactly_the_rest() -> None:
    runs = Runs()
    run = runs.start(given(*(Text(str(n)) for n in range(50))))
    everything = await read(await runs.follow(run.id))
    for after in range(len(everything) + 1):
        assert await read(await runs.follow(run.id, after)) == everything[after:]


async def test_fifty_followers_that_come_while_it_is_written_all_read_the_same() -> None:
    runs, source = Runs(), ByHand()
    run = runs.start(source.events())
    readers = []
    for n in range(50):
        source.write(Text(f"{n} "), Text("x"))
        await written(runs, run.id, 2 * n + 3)
        readers.append((n, asyncio.create_task(read(await runs.follow(run.id, n)))))
    source.write(RunEnd("stop"))
    everything = await read(await runs.follow(run.id))
    assert [seq for seq, _ in everything] == list(range(1, 103))
    for after, reader in readers:
        assert await reader == everything[after:]


async def test_what_is_written_between_following_and_the_first_look_is_not_missed() -> None:
    runs, source = Runs(), ByHand()
    run = runs.start(source.events())
    follower = await runs.follow(run.id, 1)
    source.write(Text("a"), RunEnd("stop"))
    await run.ended.wait()
    async with asyncio.timeout(10):
        assert await read(follower) == [(2, Text("a")), (3, RunEnd("stop"))]


class SlowLog(MemoryLog):
    """A log that is written to while its second answer, which says that there is nothing, is on its way."""

    looks = 0

    async def read(self, run: str, after: int) -> Batch:
        batch = await super().read(run, after)
        self.looks += 1
        if self.looks == 2:
            self.append(run, to_json(Text("late")).encode())
        return batch


async def test_what_is_written_while_a_slow_log_answers_is_not_missed() -> None:
    runs = Runs(SlowLog())
    run = runs.start(ByHand().events())
    with await runs.follow(run.id) as follower:
        await anext(follower)
        async with asyncio.timeout(5):
            [(_, data)] = await anext(follower)
    assert from_json(data) == Text("late")
    await runs.close()


async def test_a_nudge_wakes_a_waiting_follower_with_an_empty_batch() -> None:
    runs, source = Runs(), ByHand()
    run = runs.start(source.events())
    with await runs.follow(run.id) as follower:
        await anext(follower)
        follower.nudge()
        assert list(await anext(follower)) == []
        source.write(Text("a"))
        assert [entry.seq for entry in await anext(follower)] == [2]
    await runs.close()


async def test_a_follower_that_is_closed_while_it_waits_ends() -> None:
    runs = Runs()
    run = runs.start(ByHand().events())
    follower = await runs.follow(run.id, 1)
    reader = asyncio.create_task(read(follower))
    await asyncio.sleep(0)
    follower.close()
    assert await reader == []
    await runs.close()


async def test_an_exhausted_follower_says_so_at_once() -> None:
    runs = Runs()
    run = runs.start(given(Text("a")))
    await run.ended.wait()
    with await runs.follow(run.id, 3) as follower:
        assert follower.exhausted
    with await runs.follow(run.id, 2) as follower:
        assert not follower.exhausted


async def test_unknown_runs_and_positions_are_refused() -> None:
    runs = Runs()
    with pytest.raises(UnknownRunError):
        await runs.follow("run_nobody")
    with pytest.raises(UnknownRunError):
        await runs.cancel("run_nobody")
    run = runs.start(given())
    with pytest.raises(CallerError, match="Event 99 does not exist"):
        await runs.follow(run.id, 99)
    await run.ended.wait()


async def test_closing_interrupts_all_runs_and_starts_no_more() -> None:
    runs, sources = Runs(), [ByHand() for _ in range(5)]
    followers = [await runs.follow(runs.start(source.events()).id) for source in sources]
    readers = [asyncio.create_task(read(follower)) for follower in followers]
    await asyncio.gather(*(source.started.wait() for source in sources))
    await runs.close()
    assert all(source.closed.is_set() for source in sources)
    assert [(await reader)[-1][1] for reader in readers] == [RunEnd("error", INTERRUPTED)] * 5
    assert len(runs) == 0
    with pytest.raises(CallerError) as refused:
        runs.start(given())
    assert refused.value.status == 503


async def answering(inbox: Inbox) -> AsyncIterator[Event]:
    while (message := await inbox.get())["say"] != "stop":
        yield Text(message["say"])


async def test_a_source_is_told_something_while_it_runs() -> None:
    runs, inbox = Runs(), Inbox()
    run = runs.start(answering(inbox), inbox=inbox)
    assert await runs.tell(run.id, {"say": "a"})
    assert await runs.tell(run.id, {"say": "stop"})
    assert (await events_of(runs, run.id))[1:] == [Text("a"), RunEnd("stop")]


async def test_a_run_that_cannot_be_told_anything_says_so() -> None:
    runs, inbox = Runs(), Inbox(1)
    deaf, slow = runs.start(ByHand().events()), runs.start(ByHand().events(), inbox=inbox)
    assert not await runs.tell(deaf.id, {})
    assert await runs.tell(slow.id, {})
    assert not await runs.tell(slow.id, {}), "its inbox is full"
    await inbox.get()
    await runs.cancel(slow.id)
    assert not await runs.tell(slow.id, {}), "it has ended"
    with pytest.raises(UnknownRunError):
        await runs.tell("run_nobody", {})
    await runs.close()


async def test_ids_are_long_and_never_the_same() -> None:
    runs = Runs()
    started = [runs.start(given()) for _ in range(100)]
    ids = {run.id for run in started} | {run.thread for run in started}
    assert len(ids) == 200
    assert min(len(an_id) for an_id in ids) >= 25
    await runs.close()


class Shouting:
    """A stage: what is fed is held back for a moment, then said in capitals."""

    def __init__(self) -> None:
        self._held: list[Text] = []
        self._since = 0.0

    def feed(self, event: Event, now: float) -> Sequence[Event]:
        if isinstance(event, Text):
            self._since = now if not self._held else self._since
            self._held.append(Text(event.text.upper()))
            return []
        return [*self.tick(now), event]

    def due(self) -> float | None:
        return self._since + 0.01 if self._held else None

    def tick(self, now: float) -> Sequence[Event]:
        del now
        held, self._held = self._held, []
        return held


async def test_what_a_stage_holds_back_is_written_by_its_timer() -> None:
    runs, source = Runs(), ByHand()
    run = runs.start(source.events(), stage=Shouting())
    source.write(Text("a"), Text("b"))
    await written(runs, run.id, 3)
    source.write(RunEnd("stop"))
    assert (await events_of(runs, run.id))[1:] == [Text("A"), Text("B"), RunEnd("stop")]


async def test_what_a_stage_holds_back_is_written_before_the_end_even_when_cancelled() -> None:
    runs, source = Runs(), ByHand([Text("last")])
    run = runs.start(source.events(), stage=Shouting())
    await source.started.wait()
    await runs.cancel(run.id)
    assert (await events_of(runs, run.id))[1:] == [Text("LAST"), RunEnd("cancelled")]
