"""For an endpoint of one's own: any async source of a model's text, with widgets recognized in it."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
