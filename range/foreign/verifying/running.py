"""Starting a service by its start.sh, and stopping it."""

import json
import os
import select
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
START_SECONDS = 60


def accounts_of(service: str) -> dict[str, dict[str, str]]:
    return json.loads((HERE / service / "accounts.json").read_text("utf-8"))


@contextmanager
def running(service: str, hardened: bool, installed: Path | None) -> Iterator[int]:
    """The port of a freshly started service; it is stopped at the end."""
    port = _free_port()
    environment = {**os.environ, "PORT": str(port), "HARDENED": "1" if hardened else "0"}
    command = [str(HERE / service / "start.sh")]
    if installed is not None:
        command.append(str(installed / service))
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    try:
        _wait_for_line(service, process)
        yield port
        if process.poll() is not None:
            raise SystemExit(f"{service} died with {process.returncode} while it was tried")
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for_line(service: str, process: subprocess.Popen) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        ready, _, _ = select.select([process.stdout], [], [], 0.5)
        if ready:
            if b"listens" in process.stdout.readline():
                return
            break
        if process.poll() is not None:
            break
    raise SystemExit(f"{service} did not start: was its install.sh run?")
