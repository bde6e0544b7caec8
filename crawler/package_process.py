"""The process that reads packages: `python -m crawler.package_process`.

It takes one task after another on standard input and answers on standard output. Packages are
large and hostile: reading them here never holds up the crawl loop, a hang or a crash costs one
package, and memory is bounded by the operating system.
"""

from __future__ import annotations

import resource
import signal
import sys
from datetime import UTC, datetime

import msgspec

from core.capture import Capture
from crawler.extractors import Extraction
from crawler.extractors.packages import PackageName, PackageWords, extract_package
from crawler.framing import framed, next_frame

MOST_BYTES = 3 * 1024**3
"""Address space: the largest package, one unpacked member, its text and what was found."""


class PackageTask(msgspec.Struct, frozen=True, array_like=True):
    """A package to read, and the address it is known by."""

    url: str
    body: bytes
    known: PackageName
    words: PackageWords


def answer(task: PackageTask) -> Extraction:
    """Read one package."""
    capture = Capture(
        requested_url=task.url, final_url=task.url, body=task.body, taken_at=datetime.now(UTC)
    )
    return extract_package(capture, task.known, task.words)


def main() -> None:
    """Answer tasks until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the scan, which ends us
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    tasks, answers = sys.stdin.buffer, sys.stdout.buffer
    while (packed := next_frame(tasks)) is not None:
        answers.write(framed(answer(msgspec.msgpack.decode(packed, type=PackageTask))))
        answers.flush()


if __name__ == "__main__":
    main()
