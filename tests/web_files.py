"""A web server of files for tests, which can break off, forget ranges and hide lengths.

It is a proxy too, as far as that goes: it looks at the last part of a path alone.
"""

import hashlib
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

STEP = 50_000


@dataclass
class Request:
    host: str
    start: int
    sent: int = 0


@dataclass
class FileServer:
    files: dict[str, bytes]
    ranges: bool = True
    announces_length: bool = True
    break_after: list[int] = field(default_factory=list)
    """Bytes after which the next connections break, one each."""
    requests: list[Request] = field(default_factory=list)

    def __enter__(self) -> Self:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        data = self.files.get(handler.path.rpartition("/")[2])
        if data is None:
            handler.send_error(404)
            return
        tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        start = self._start(handler, tag)
        host = urlsplit(handler.path).hostname or ""
        request = Request(host, start)
        self.requests.append(request)
        if start >= len(data):
            handler.send_response(416)
            handler.send_header("Content-Range", f"bytes */{len(data)}")
            handler.end_headers()
            return
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        if self.announces_length:
            handler.send_header("Content-Length", str(len(data) - start))
        handler.send_header("ETag", tag)
        handler.end_headers()
        self._send(handler, request, data[start:])

    def _start(self, handler: BaseHTTPRequestHandler, tag: str) -> int:
        found = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        same = handler.headers.get("If-Range", tag) == tag
        return int(found[1]) if found and same and self.ranges else 0

    def _send(self, handler: BaseHTTPRequestHandler, request: Request, body: bytes) -> None:
        stop = self.break_after.pop(0) if self.break_after else len(body)
        try:
            for at in range(0, min(stop, len(body)), STEP):
                step = body[at : min(at + STEP, stop)]
                handler.wfile.write(step)
                request.sent += len(step)
        except ConnectionError:  # the other side has seen enough
            handler.close_connection = True
