"""Counts and durations of requests, for Prometheus."""

import time

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class RequestMetrics:
    """ASGI middleware that counts requests by method, route and status."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry, prefix: str) -> None:
        self.app = app
        self.prefix = prefix
        self.requests = Counter(
            "maskwright_requests_total",
            "HTTP requests answered.",
            ("method", "route", "status"),
            registry=registry,
        )
        self.seconds = Histogram(
            "maskwright_request_seconds",
            "Seconds until the answer began.",
            ("method", "route"),
            registry=registry,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()

        async def measured(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = self._route(scope)
                method = scope["method"] if scope["method"].isalpha() else "other"
                self.requests.labels(method[:10], route, str(message["status"])).inc()
                self.seconds.labels(method[:10], route).observe(time.perf_counter() - begun)
            await send(message)

        await self.app(scope, receive, measured)

    def _route(self, scope: Scope) -> str:
        """Return the route's pattern, not the path: a label per image would have no end."""
        pattern: str = getattr(scope.get("route"), "path", "other")
        # A route does not know the prefix that its router was included under.
        inside = scope["path"].startswith(f"{self.prefix}/") and pattern.startswith("/")
        return pattern if pattern.startswith(self.prefix) or not inside else self.prefix + pattern
