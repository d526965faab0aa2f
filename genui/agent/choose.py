"""Which model answers."""

from __future__ import annotations

import os

from genui.agent.constrain import Api
from genui.agent.demo import DemoModel
from genui.agent.model import Model
from genui.agent.openai_model import OpenAIModel

DEFAULT_MODEL = "gpt-4.1-mini"

_APIS: dict[str, Api] = {"chat": "chat", "responses": "responses"}


def model(spec: str | Model | None = None) -> Model:
    """The model that `spec` means: a Model itself, "demo", or the name of one behind OPENAI_BASE_URL.

    A name is asked for by chat completions; "responses:NAME" asks by the Responses API. None asks the
    environment: GENUI_MODEL; without it a default one if OPENAI_API_KEY or OPENAI_BASE_URL is set, else
    the demo model. Raises ModelError (`model-auth`) when a key is needed and not there.
    """
    if isinstance(spec, Model):
        return spec
    name = spec or os.environ.get("GENUI_MODEL") or _default()
    if name == "demo":
        return DemoModel()
    api, colon, rest = name.partition(":")  # names have colons, too: qwen3:8b
    if colon and api in _APIS:
        return OpenAIModel(rest, api=_APIS[api])
    return OpenAIModel(name)


def _default() -> str:
    known = os.environ.get("OPENAI_API_KEY") or os.environ.get("OPENAI_BASE_URL")
    return DEFAULT_MODEL if known else "demo"
