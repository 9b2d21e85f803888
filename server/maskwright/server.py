"""Runs the web process, with a worker beside it unless told otherwise."""

import contextlib
import socket
import threading
import webbrowser
from collections.abc import Callable

import uvicorn

from maskwright import logs, models, schema
from maskwright.app import create_app
from maskwright.db import Database
from maskwright.domain.actor import LOCAL
from maskwright.errors import AppError, BadRequest
from maskwright.services import proposals
from maskwright.services.drafting import Drafter
from maskwright.settings import Settings
from maskwright.worker import WorkerProcess

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def run(settings: Settings, path: str = "/", browser: bool = False) -> None:
    """Serve until interrupted. Port 0 takes a free one."""
    logs.configure(settings)
    _check_reach(settings)
    listener = _listen(settings.host, settings.port)
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{shown}:{listener.getsockname()[1]}{path}"
    config = uvicorn.Config(
        create_app(settings), log_level="warning", access_log=False, timeout_graceful_shutdown=5
    )
    worker = WorkerProcess(settings) if settings.worker else contextlib.nullcontext()
    with worker:
        print(f"Maskwright is at {url}  (stop it with Ctrl-C)", flush=True)
        if browser:
            threading.Timer(1.0, webbrowser.open, [url]).start()
        uvicorn.Server(config).run(sockets=[listener])


def _check_reach(settings: Settings) -> None:
    """Raise where others than this machine's users could reach a server that has no users."""
    if settings.host in LOOPBACK:
        return
    if not settings.open_to_network:
        raise BadRequest(
            "There are no user accounts yet: whoever reaches the port could read and change "
            "everything. Bind to 127.0.0.1, or set MASKWRIGHT_OPEN_TO_NETWORK=1 where something "
            "in front keeps others out, such as a proxy with a login or a container's network."
        )
    if "*" in settings.allowed_hosts:
        raise BadRequest(
            "Bound to more than loopback, name the hosts that may be used in "
            'MASKWRIGHT_ALLOWED_HOSTS, for example ["labels.example.org"]; "*" is refused.'
        )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise AppError(
            f"Port {port} on {host} can't be used ({error.strerror}). Choose another with --port, "
            "or 0 for any free one."
        ) from error
    listener.listen(256)
    return listener


def seed_demo(settings: Settings, say: Callable[[str], None]) -> int:
    """Make the sample project if it is not there yet; return its id. `say` hears of progress."""
    from maskwright.demo import seed

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    db = Database(settings.database)
    schema.upgrade(db)
    drafter = Drafter(models.loader(settings), 1, 0)

    def propose(image_id: int) -> object:
        return proposals.draft(db, drafter, image_id, LOCAL)

    try:
        return seed.seed(db, LOCAL, propose, say, settings.model)
    finally:
        db.close()
