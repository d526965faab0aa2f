"""The ASGI application: routes, limits, security headers, and the page."""

from genui.server.app import GenUI
from genui.server.components import catalog_of
from genui.server.html import HtmlStage
from genui.server.ops import apply

__all__ = ["GenUI", "HtmlStage", "apply", "catalog_of"]
