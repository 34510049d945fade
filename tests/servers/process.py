"""A server as its own process group: started, waited for, and stopped by the id it was started with."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

NOBODY = 65_534


def need(*programs: str, root: bool = False) -> None:
    """Skips where a program is missing; fails where GEOALERT_REQUIRE_SERVERS says that it has to be there."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/lib/postfix/sbin"))
    lacking = [name for name in programs if not any((Path(folder) / name).exists() for folder in path.split(os.pathsep))]
    lacking += ["root's rights"] if root and os.geteuid() != 0 else []
    if lacking:
        told = f"no {', '.join(lacking)} here"
        pytest.fail(told) if os.environ.get("GEOALERT_REQUIRE_SERVERS") == "1" else pytest.skip(told)


def free_port() -> int:
    """Returns a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str],
    *,
    port: int,
    log: Path,
    stop: Sequence[str] = (),
    user: int | None = None,
    environ: Mapping[str, str] | None = None,
    wait_s: float = 20,
) -> Iterator[None]:
    """Runs a server until the context ends.

    Args:
        port: taken for ready when somebody answers there.
        stop: a command that stops it, for a server whose processes leave the group.
    """
    with log.open("wb") as written:
        started = subprocess.Popen(
            command,
            stdout=written,
            stderr=written,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            env={**os.environ, **(environ or {})},
        )
        try:
            _wait(started, port, log, wait_s)
            yield
        finally:
            if stop:
                subprocess.run(stop, timeout=20, capture_output=True, check=False)
            for sign in (signal.SIGTERM, signal.SIGKILL):
                with suppress(ProcessLookupError):
                    os.killpg(started.pid, sign)
                with suppress(subprocess.TimeoutExpired):
                    started.wait(10)
                    break


def _wait(started: subprocess.Popen[bytes], port: int, log: Path, wait_s: float) -> None:
    until = time.monotonic() + wait_s
    while time.monotonic() < until:
        if started.poll() is not None:
            break
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        time.sleep(0.02)
    raise AssertionError(f"{started.args!r} did not start: {log.read_text(errors='replace')[-2000:]}")
