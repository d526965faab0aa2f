"""The bodies of the playground's requests."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from genui.server.playground.trace import Chunking
from genui.server.playground.workspace import LARGEST_FILE, MOST_FILES

FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}\.(toml|html|css|js|py)$")]
FileText = Annotated[str, Field(max_length=LARGEST_FILE)]


class PlaceRequest(BaseModel):
    """A component, by its place."""

    root: str
    folder: str


class Draft(BaseModel):
    """A component under edit."""

    folder: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    files: Annotated[dict[FileName, FileText], Field(max_length=MOST_FILES)]


class CheckRequest(BaseModel):
    draft: Draft


class TraceRequest(BaseModel):
    """`pieces`, already cut, or a `text` and how to cut it."""

    text: str = ""
    chunking: Chunking = "token"
    pieces: list[str] | None = None
    draft: Draft | None = None
    data: dict[str, dict[str, Any]] = {}


class FileChange(BaseModel):
    text: FileText | None
    base: str | None


class SaveRequest(PlaceRequest):
    files: dict[FileName, FileChange]


class NewRequest(BaseModel):
    """A new component: from the scaffold, or of these files."""

    root: str
    name: str
    files: dict[FileName, FileText] | None = None


class DuplicateRequest(PlaceRequest):
    to: str
    name: str


class ScriptRequest(BaseModel):
    """A script.js under edit, to run in a frame."""

    text: FileText


class RecordingRequest(BaseModel):
    """A recording of a provider's stream, as text."""

    text: str
