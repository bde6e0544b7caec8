"""A real S3 server for tests: moto's, in a process of its own that can go down and come back.

What it holds outlives going down. Run as a program it obeys the lines `up` and `down`.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

KEYS = {
    "AWS_ACCESS_KEY_ID": "tests",
    "AWS_SECRET_ACCESS_KEY": "tests",
    "AWS_DEFAULT_REGION": "us-east-1",
}


class S3Server:
    """The server; `environment` is what a client needs, `url` a place in its only bucket."""

    url = "s3://evidence/team"

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self._process = process
        self.environment = {**KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}

    def up(self) -> None:
        """Answer from now on."""
        self._say("up")

    def down(self) -> None:
        """Refuse connections from now on."""
        self._say("down")

    def _say(self, word: str) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        if self._process.stdout.readline() != f"{word}\n":
            raise RuntimeError("the S3 server has ended")


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """A server that is up and has an empty bucket `evidence`."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    with subprocess.Popen(
        [sys.executable, __file__, str(port)],
        env={**os.environ, **KEYS},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            server = S3Server(process, port)
            server.up()
            yield server
        finally:
            process.kill()


def _obey(port: int) -> None:
    import boto3
    from moto.server import ThreadedMotoServer

    server = None
    made = False
    for line in sys.stdin:
        if line == "up\n" and server is None:
            server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
            server.start()
            if not made:
                address = f"http://127.0.0.1:{port}"
                boto3.client("s3", endpoint_url=address).create_bucket(Bucket="evidence")
                made = True
        elif line == "down\n" and server is not None:
            server.stop()
            server = None
        sys.stdout.write(line)
        sys.stdout.flush()


if __name__ == "__main__":
    _obey(int(sys.argv[1]))
