"""What stands around a widget: the direction of the answer's text."""

from __future__ import annotations

from tests.browser.chat import Chat
from tests.browser.models import ByHand

_DIRECTION = "(element) => getComputedStyle(element).direction"


async def test_block_widgets_have_the_direction_of_the_text_before_them(chat: Chat, model: ByHand) -> None:
    await chat.ask("Sales?")
    model.answer(
        '\u05de\u05db\u05d9\u05e8\u05d5\u05ea:\n\n<Metric "A" value="1"/>'
        '\n\nIn English:\n\n<Metric "B" value="2"/>'
    )
    await chat.answered()
    assert await chat.widgets.nth(0).evaluate(_DIRECTION) == "rtl"
    assert await chat.widgets.nth(1).evaluate(_DIRECTION) == "ltr"
