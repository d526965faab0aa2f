"""MCP Apps: a tool's page of its own, in the conversation (SEP-1865,
https://github.com/modelcontextprotocol/ext-apps, the specification of 2026-01-26).

The specification has hosts that are web pages wrap the app in a second frame on a second origin. Here its
page is served under the policy `sandbox`, which gives it an origin that is nobody's, ours included, whether
it is framed or opened: no second host, and nothing to configure. It may run its scripts and load from what
its server has declared; it can read neither the page around it nor a cookie.

What it may do is ask: for tools of its own server that are declared to be for apps, and for a link or a
message, which take a press of the reader's. Two ways for the calls were weighed. As actions, which become
turns of the conversation, each would be seen and kept; but an app that looks something up, or follows it,
calls a tool every few seconds. So they are requests of their own (`McpServer.call_for_app`), which answer the
app and nobody else; the server knows from the run which app asks, and never takes the page's word for it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genui.catalog import Catalog, Component, Element

if TYPE_CHECKING:
    from mcp.types import CallToolResult, ReadResourceResult
    from mcp.types import Tool as Spec

EXTENSION = "io.modelcontextprotocol/ui"
"""By which a host says that it shows apps."""

PAGE_TYPE = "text/html;profile=mcp-app"
"""The media type of an app's page."""

LARGEST = 5_000_000
"""Characters of an app's page."""

LARGEST_RESULT = 500_000
"""Characters of a result that an app is given: a larger one would not fit into an event."""

_NONE = " 'none'"

_ADDRESS = re.compile(r"v1/mcp/([A-Za-z0-9_-]{1,32})/[0-9a-f]{32}\Z")

_ORIGIN = re.compile(r"(https|wss)://(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?\Z")


@dataclass(frozen=True, slots=True)
class Document:
    """An app's page, and the Content-Security-Policy under which it may run."""

    html: str
    policy: str


@cache
def app_component() -> Component:
    """The widget of an app. No model can write it: it is in no catalog that a recognizer knows."""
    (component,) = Catalog.load(Path(__file__).parent / "widgets")
    return component


def app_of(spec: Spec) -> str | None:
    """The resource that is the tool's app, if it has one."""
    meta = spec.meta or {}
    ui = meta.get("ui")
    uri = ui.get("resourceUri") if isinstance(ui, dict) else meta.get("ui/resourceUri")
    return uri if isinstance(uri, str) and uri.startswith("ui://") else None


def is_for_apps(spec: Spec) -> bool:
    """Whether an app of the same server may call it: its author has to have thought of apps. In what is
    said of them, `visibility` is the model's and the app's where it is left out."""
    ui = (spec.meta or {}).get("ui")
    if not isinstance(ui, dict):
        return False
    visibility = ui.get("visibility", ["app"])
    return isinstance(visibility, list) and "app" in visibility


def server_of(src: str) -> str | None:
    """The name of the server whose app has this address."""
    match = _ADDRESS.match(src)
    return match[1] if match else None


def key_of(uri: str) -> str:
    """What stands for it in an address."""
    return hashlib.sha256(uri.encode()).hexdigest()[:32]


def app_element(
    server: str, uri: str, title: str, arguments: Mapping[str, Any], result: CallToolResult | None = None
) -> Element:
    """The widget as it is while the tool works, and with what it has brought."""
    props = {"src": f"v1/mcp/{server}/{key_of(uri)}", "title": title, "arguments": dict(arguments)}
    if (
        result is not None
        and len(told := result.model_dump_json(by_alias=True, exclude_none=True)) < LARGEST_RESULT
    ):
        props["result"] = json.loads(told)
    return Element(app_component(), props)


def document(read: ReadResourceResult) -> Document | None:
    """The page that was read; None where it is none."""
    for content in read.contents:
        html = getattr(content, "text", None)
        if html and len(html) <= LARGEST and (content.mime_type or "").startswith("text/html"):
            ui = (content.meta or {}).get("ui")
            declared = ui.get("csp") if isinstance(ui, dict) else None
            return Document(html, policy(declared if isinstance(declared, dict) else {}))
    return None


def policy(declared: Mapping[str, Any]) -> str:
    """The policy of a page whose server declares these domains: nothing from anywhere else."""
    resources = _origins(declared.get("resourceDomains"))
    connect = _origins(declared.get("connectDomains"))
    frames = _origins(declared.get("frameDomains"))
    return "; ".join(
        (
            "sandbox allow-scripts allow-forms",
            "default-src 'none'",
            *(f"{kind}-src 'unsafe-inline'{resources}" for kind in ("script", "style")),
            *(f"{kind}-src data: blob:{resources}" for kind in ("img", "media", "font")),
            f"connect-src{connect or _NONE}",
            f"frame-src{frames or _NONE}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _origins(declared: object) -> str:
    given: Iterable[object] = declared if isinstance(declared, list) else ()
    return "".join(f" {one}" for one in given if isinstance(one, str) and _ORIGIN.match(one))
