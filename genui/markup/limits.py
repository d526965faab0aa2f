"""How large a model may make things. Each limit ends one component with an error, never the stream."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Lengths are in characters; a tag's length counts from its `<` to its `>`, strings included."""

    tag_length: int = 1_000_000
    string_length: int = 500_000
    depth: int = 32
    components: int = 10_000
    props: int = 100
    json_depth: int = 32
