"""What a browser page of someone else must not be able to do with a server on this machine.

Bound to loopback there is no login, so any page that the user has open could send requests here.
Three checks keep it out: the Host must be ours (a DNS name bent to 127.0.0.1 is not), a write must
come from our own origin, and nothing here may be framed or run foreign script.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from maskwright.errors import AppError, BadRequest, Forbidden
from maskwright.problems import answer

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' blob: data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class BrowserGuard:
    """ASGI middleware: checks where requests come from and sets the headers that protect pages."""

    def __init__(self, app: ASGIApp, allowed_hosts: Iterable[str]) -> None:
        self.app = app
        self.allowed = {host.lower() for host in allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        error = self._refusal(scope["method"], Headers(scope=scope))
        if error:
            await answer(error.problem())(scope, receive, send_with_headers)
        else:
            await self.app(scope, receive, send_with_headers)

    def _refusal(self, method: str, headers: Headers) -> AppError | None:
        host = headers.get("host", "")
        name = _host_name(host)
        if name is None:
            return BadRequest("The Host header can't be read.")
        if "*" not in self.allowed and name not in self.allowed:
            return Forbidden(
                f"This server does not answer to the name {name!r}. Open it as 127.0.0.1 or "
                "localhost, or add the name to MASKWRIGHT_ALLOWED_HOSTS.",
                code="host_not_allowed",
            )
        if method in SAFE_METHODS:
            return None
        site = headers.get("sec-fetch-site")
        origin = headers.get("origin")
        foreign = site not in (None, "same-origin", "none")
        if foreign or (origin is not None and not _same(origin, host)):
            return Forbidden(
                "Another site asked for this change, so it was refused. Use Maskwright's own "
                "pages, or a client that is no browser.",
                code="cross_origin",
            )
        return None


def _host_name(host: str) -> str | None:
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return None
    return f"[{name}]" if name and ":" in name else name


def _same(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:  # an origin that can't be read is not ours
        return False
