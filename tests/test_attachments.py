"""A picture in a question to AG-UI's route; those of the other protocols are tested with their routes."""

from __future__ import annotations

from typing import Any

from genui.server.attachments import LEFT_OUT
from tests.service import serving


def asked(*contents: Any) -> dict[str, Any]:
    messages = [{"id": str(n), "role": "user", "content": content} for n, content in enumerate(contents)]
    return {"threadId": "t1", "runId": "r1", "messages": messages}


async def test_a_picture_is_refused_and_the_questions_after_it_are_answered() -> None:
    picture = {"type": "image", "source": {"type": "url", "value": "https://img.example/a.png"}}
    seen = [{"type": "text", "text": "See"}, picture]
    async with serving() as service:
        for content in (seen, [picture]):
            refused = await service.client.post("v1/ag-ui", json=asked(content))
            assert refused.status_code == 400
            assert "only text is taken, and no image" in refused.json()["error"]["message"]
        service.model.answer("Hello.")
        answer = await service.client.post("v1/ag-ui", json=asked(seen, [picture], "Hi"))
        assert answer.text.count("RUN_FINISHED") == 1
        told = [one["content"] for one in service.model.conversation[1:]]
        assert told == [f"See\n\n{LEFT_OUT}", LEFT_OUT, "Hi"]
