"""The ASGI application: routes, limits, security headers, and the page."""

from genui.server.app import GenUI
from genui.server.components import catalog_of
from genui.server.html import HtmlStage
from genui.server.observing import MULTIPROCESS, current_run
from genui.server.security import ServerLimits, is_loopback, read_key_file
from genui.server.trial import findings_of

__all__ = [
    "MULTIPROCESS",
    "GenUI",
    "HtmlStage",
    "ServerLimits",
    "catalog_of",
    "current_run",
    "findings_of",
    "is_loopback",
    "read_key_file",
]
