"""A real PostgreSQL server for tests.

`PROMOWATCH_TEST_POSTGRES` names one (a URL whose user may make schemas); else a private one is
started from the installed binaries, as an unprivileged user where the tests run as root.
"""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

GIVEN = "PROMOWATCH_TEST_POSTGRES"
_START_SECONDS = 60.0
_ACCOUNTS = ("postgres", "nobody")


class Server:
    """A private server in a folder of its own; `url` is its database for SQLAlchemy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._user = _unprivileged()
        self._port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        if self._user:
            shutil.chown(folder, self._user)
        data = str(folder / "data")
        options = ["-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        self._run(["initdb", *options])

    @property
    def url(self) -> str:
        """Address of the server's own database."""
        return f"postgresql+psycopg://tests@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        """Start it and wait until it answers."""
        settings = ("fsync=off", "full_page_writes=off", "max_connections=60")
        command = [_binary("postgres"), "-D", str(self.folder / "data"), "-h", "127.0.0.1"]
        command += ["-p", str(self._port), "-k", str(self.folder)]
        for setting in settings:
            command += ["-c", setting]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, stdout=log, stderr=log, user=self._user, cwd=self.folder
            )
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(self.url):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text(errors="replace")[-2_000:])

    def stop(self, *, how: int = 2) -> None:
        """Stop it: 2 (SIGINT) ends sessions at once, 9 is a crash."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(_START_SECONDS)
            self._process = None

    def _run(self, command: list[str]) -> None:
        program, *arguments = command
        done = subprocess.run(
            [_binary(program), *arguments],
            user=self._user,
            cwd=self.folder,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr.decode(errors='replace')[-2_000:]}")


@contextmanager
def private_server() -> Iterator[Server]:
    """A running server that goes with its folder at the end."""
    # beside the tests' own folders, which are closed to other users
    folder = Path(tempfile.mkdtemp(prefix="promowatch-postgres-", dir="/tmp"))
    server = None
    try:
        server = Server(folder)
        server.start()
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def some_server() -> Iterator[str]:
    """The URL of the given server, or of a private one."""
    given = os.environ.get(GIVEN)
    if given:
        yield given
        return
    if not _found("initdb"):
        message = f"no PostgreSQL: install its server, or set {GIVEN}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with private_server() as server:
        yield server.url


@contextmanager
def empty_database(server_url: str) -> Iterator[str]:
    """The URL of a schema of its own on a server, dropped at the end."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    plain = server_url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}")
    try:
        joint = "&" if "?" in server_url else "?"
        yield f"{server_url}{joint}options=-csearch_path%3D{name}"
    finally:
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA {name} CASCADE")


def _found(program: str) -> str | None:
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return str(beside[-1]) if beside else shutil.which(program)


def _binary(program: str) -> str:
    found = _found(program)
    if found is None:
        raise RuntimeError(f"no `{program}`: install the PostgreSQL server")
    return found


def _unprivileged() -> str | None:
    """Who runs the server: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in _ACCOUNTS if name in known), getpass.getuser())


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url.replace("+psycopg", ""), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True
