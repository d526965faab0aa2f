"""The chat page's benchmark: each of its figures is measured, on a load too small to say anything."""

from __future__ import annotations

from playwright.async_api import Browser

from benchmarks.frontend import measure
from benchmarks.frontend.__main__ import growth_part, latency_part, memory_part, streamed_part
from benchmarks.frontend.answers import long, prose

_RATE = 2000  # tokens a second


async def test_every_widget_is_timed_from_its_bytes_and_from_its_writing(browser: Browser) -> None:
    found = await measure.latency(browser, answers=2, widgets=4, rate=_RATE)
    assert [len(each) for each in (found.mounted, found.drawn, found.whole)] == [8, 8, 8]
    assert all(0 <= mounted <= drawn for mounted, drawn in zip(found.mounted, found.drawn, strict=True))
    assert "8 widgets" in latency_part(found)


async def test_a_long_answer_has_a_cost_for_each_of_its_quarters_and_all_of_its_widgets(
    browser: Browser,
) -> None:
    found = await measure.streamed(browser, text=long(3000, 4), rate=_RATE)
    assert (found.widgets, len(found.latency.mounted), len(found.quarters)) == (4, 4, 4)
    assert 2500 < found.size < 3500
    assert all(0 < each.script < each.task for each in found.quarters)
    assert all(duration >= 50 for duration in found.long)
    assert sum(each.processor for each in found.tasks) > 0
    assert f"`longtask`): **{len(found.long)}**" in streamed_part(found)


async def test_a_long_answer_is_measured_without_widgets_and_after_earlier_turns(browser: Browser) -> None:
    text = await measure.streamed(browser, text=prose(3000), rate=_RATE)
    later = await measure.streamed(browser, text=long(1500, 2), rate=_RATE, earlier=2)
    assert (text.widgets, 2500 < text.size < 3500) == (0, True)
    assert later.widgets == 2
    table = growth_part({"text": text, "later": later})
    assert f"| text | {text.quarters[0].task:.2f} |" in table
    assert f"{later.quarters[3].task / later.quarters[0].task:.2f} |" in table


async def test_what_the_page_keeps_is_counted_at_the_start_and_after_each_number_of_conversations(
    browser: Browser,
) -> None:
    found = await measure.memory(browser, conversations=(1, 2), widgets=2)
    assert [each.conversations for each in found] == [0, 1, 2]
    assert all(each.heap > 0 and each.nodes > 0 and each.listeners > 0 for each in found)
    assert "| 2 |" in memory_part(found)
