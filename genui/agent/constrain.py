"""Constrained decoding: the catalog's grammar goes along with a request, where the server can take it.

| `constrain` | API | what is sent |
| --- | --- | --- |
| `"vllm"` | chat, responses | `structured_outputs.grammar`, for its guidance backend |
| `"llama.cpp"` | chat | `grammar`, in GBNF |
| `"openai"` | responses | a custom tool whose input has to fit the grammar; that input is the answer |

vLLM and llama.cpp hold all that a model writes to the grammar, its tool calls too (llama.cpp refuses both
in one request): so they get it only where no tools are offered. With OpenAI's custom tools both go together.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from genui.catalog import Catalog, Dialect
from genui.errors import CallerError

Api = Literal["chat", "responses"]
Constrain = Literal["vllm", "llama.cpp", "openai"]
CONSTRAINTS: tuple[Constrain, ...] = get_args(Constrain)

ANSWER_TOOL = "answer"
"""The custom tool by which a constrained model answers."""

_DIALECTS: dict[Constrain, Dialect] = {"vllm": "llguidance", "llama.cpp": "gbnf", "openai": "lark"}
_APIS: dict[Constrain, tuple[Api, ...]] = {
    "vllm": ("chat", "responses"),
    "llama.cpp": ("chat",),
    "openai": ("responses",),
}


class Grammar:
    """A catalog's grammar, as one kind of server takes it. Raises CallerError (`bad-constrain`)."""

    def __init__(self, how: Constrain, api: Api, catalog: Catalog) -> None:
        if how not in _DIALECTS:
            raise CallerError("bad-constrain", f"constrain={how!r} is none of {', '.join(CONSTRAINTS)}")
        if api not in _APIS[how]:
            needed = " or ".join(_APIS[how])
            what = f'constrain="{how}" needs the API {needed}: name the model {needed}:NAME'
            raise CallerError("bad-constrain", what)
        self.how = how
        self._text = catalog.grammar(_DIALECTS[how])

    @property
    def answer_tool(self) -> str | None:
        """The custom tool whose input is the answer, if that is how it comes."""
        return ANSWER_TOOL if self.how == "openai" else None

    def add_to(self, request: dict[str, Any]) -> None:
        """Send the grammar along with `request`, where that may be."""
        if self.how == "openai":
            request["tools"] = [*request.get("tools", ()), self._tool()]
            request["tool_choice"] = "required"
            request["parallel_tool_calls"] = False
        elif "tools" not in request:
            field: dict[str, Any] = (
                {"structured_outputs": {"grammar": self._text}}
                if self.how == "vllm"
                else {"grammar": self._text}
            )
            request["extra_body"] = {**request.get("extra_body", {}), **field}

    def _tool(self) -> dict[str, Any]:
        return {
            "type": "custom",
            "name": ANSWER_TOOL,
            "description": "Answers the user: its input is the whole answer, in Markdown with tags.",
            "format": {"type": "grammar", "syntax": "lark", "definition": self._text},
        }
