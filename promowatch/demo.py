"""`promowatch demo`: the main job on the local demonstration site, for a first look."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import msgspec
import typer

from core.errors import BadInput, PromowatchError
from core.target import Target, load_targets, target_by_id
from crawler import spider_for
from promowatch import options
from promowatch.scan import scan_and_print

_TARGET = "demonstration"
_USUAL_PORT = 8765


def demo(
    as_json: options.AsJson = False,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Start the local demonstration site, scan it, and print what was found.

    Example: promowatch demo --lang zh
    """
    target = target_by_id(load_targets(catalogue / "targets"), _TARGET)
    with _site() as address:
        print(f"demonstration site on {address}", file=sys.stderr)
        served = _served_at(target, address)
        status = scan_and_print(
            served,
            spider_for(served),
            data,
            catalogue,
            lang,
            time_zone,
            as_json=as_json,
            lasts=False,
        )
    raise typer.Exit(status)


@contextmanager
def _site() -> Iterator[str]:
    """The demonstration site as a process of its own on a free port; gives its address."""
    if not (options.SOURCE_TREE / "tests" / "site" / "__main__.py").exists():
        raise BadInput(
            "the demonstration site is not here", hint="run this in a checkout of the project"
        )
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.site", "--port", str(_free_port())],
        cwd=options.SOURCE_TREE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C ends the scan first, then the site
    )
    try:
        assert process.stdout is not None  # noqa: S101  (stdout=PIPE)
        address = process.stdout.readline().strip()
        if not address.startswith("http"):
            raise PromowatchError("the demonstration site did not start")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=10)
        if process.stdout is not None:
            process.stdout.close()


def _free_port() -> int:
    """The site's usual port, so that a second scan finds the same surfaces; 0 if it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", _USUAL_PORT))
        except OSError:
            return 0
    return _USUAL_PORT


def _served_at(target: Target, address: str) -> Target:
    netloc = urlsplit(address).netloc
    seeds = tuple(urlsplit(seed)._replace(netloc=netloc).geturl() for seed in target.seeds)
    return msgspec.structs.replace(target, seeds=seeds)
