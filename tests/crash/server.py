"""The real server as a process that can be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def client(url: str) -> httpx.Client:
    """Return a client for plain HTTP on this machine; without certificates it is made quickly."""
    return httpx.Client(base_url=url, verify=False, trust_env=False, timeout=30)


class Server:
    """`python -m maskwright serve` on a folder; no worker and no model, which saves don't need."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data, self.port = data, free_port()
        self.url = f"http://127.0.0.1:{self.port}/api/v1"
        self.log = data.parent / "server.log"
        self._environment = {
            "MASKWRIGHT_DATA_DIR": str(data),
            "MASKWRIGHT_WORKER": "false",
            "MASKWRIGHT_WARM": "false",
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.client = client(self.url)

    def start(self, seconds: float = 30) -> None:
        """Start the process and wait until it answers."""
        command = [sys.executable, "-m", "maskwright", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, env=os.environ | self._environment, stdout=log, stderr=log
            )
        deadline = time.monotonic() + seconds
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the server did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL: it gets no chance to finish or flush anything."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def processor_seconds(self) -> float:
        """Return the processor time that the process has used; Linux only."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _answers(self) -> bool:
        try:
            return self.client.get("/health").status_code == 200
        except httpx.TransportError:
            return False
