"""GET /metrics, and who may read it.

What a tenant has a key for is their own; the metrics tell of everybody. So with authentication on no key of
a caller opens them: they have a key of their own, and without one they are not there.
"""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response

from genui.errors import CallerError
from genui.server.answers import HEADERS
from genui.server.observing.metrics import MULTIPROCESS, Metrics
from genui.server.security import ApiKeys, Public, bearer


class MetricsRoute:
    """`access`: True for everybody, False for nobody, or the key that opens it."""

    def __init__(self, metrics: Metrics, access: bool | str) -> None:
        self._metrics = metrics
        self._access = access
        self._keys = ApiKeys([access] if isinstance(access, str) else [])

    def route(self) -> Public:
        return Public("/metrics", self.read, methods=["GET"])

    async def read(self, request: Request) -> Response:
        """All metrics, of all workers where there are several."""
        if self._access is False:
            raise CallerError("not-found", "There is nothing at this address.", 404)
        if self._keys and self._keys.owner(bearer(request) or "") is None:
            raise CallerError("unauthorized", "Metrics have a key of their own.", 401)
        content = generate_latest(_registry(self._metrics))
        return Response(content, headers={**HEADERS, "Content-Type": CONTENT_TYPE_LATEST})


def _registry(metrics: Metrics) -> CollectorRegistry:
    if MULTIPROCESS not in os.environ:
        return metrics.registry
    everybody = CollectorRegistry()
    MultiProcessCollector(everybody)  # type: ignore[no-untyped-call]
    return everybody
