"""The ASGI application: routes, limits, security headers, and the page."""

from genui.server.app import GenUI
from genui.server.components import catalog_of
from genui.server.html import HtmlStage
from genui.server.observing import MULTIPROCESS, current_run
from genui.server.pulse import MOST_IDLE
from genui.server.security import ServerLimits, is_loopback, origin_of, read_key_file
from genui.server.trial import findings_of

__all__ = [
    "MOST_IDLE",
    "MULTIPROCESS",
    "GenUI",
    "HtmlStage",
    "ServerLimits",
    "catalog_of",
    "current_run",
    "findings_of",
    "is_loopback",
    "origin_of",
    "read_key_file",
]
