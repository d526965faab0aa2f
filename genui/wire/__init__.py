"""Events as bytes for a client: one pure module a protocol, each with an Encoder."""

from genui.wire import a2ui
from genui.wire.a2ui import A2Ui
from genui.wire.agui import AgUi
from genui.wire.aisdk import AiSdk
from genui.wire.encoder import Encoder, EventEncoder
from genui.wire.genui1 import Genui1
from genui.wire.openai import OpenAiChat, Prose, Words, completion
from genui.wire.openai import Said as SaidInWords

__all__ = [
    "A2Ui",
    "AgUi",
    "AiSdk",
    "Encoder",
    "EventEncoder",
    "Genui1",
    "OpenAiChat",
    "Prose",
    "SaidInWords",
    "Words",
    "a2ui",
    "completion",
]
