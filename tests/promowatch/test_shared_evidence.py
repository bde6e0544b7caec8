"""Scans whose evidence goes to a shared store: no finding is lost when it does not answer."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.gap import GapKind
from tests.promowatch.test_scan import PROMOTION
from tests.s3_server import S3Server, s3_server
from tests.scanning import run_promowatch, scan, write_target
from tests.site.loopback import LoopbackServer, Request, head

PAGES = 12


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


@pytest.fixture
def server(running: S3Server) -> S3Server:
    running.up()
    return running


class Shop(LoopbackServer):
    """A start page that links pages with a promotion each; `reached` is called with each number."""

    def __init__(self, server: S3Server | None = None, *, down_at: int = 0) -> None:
        super().__init__(self._answer, hosts=("127.0.0.1",))
        self._server, self._down_at = server, down_at
        self._asked = 0

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        links = "".join(f'<a href="/offer/{n}">{n}</a> ' for n in range(PAGES))
        body = f"<title>店</title><p>今天开门。</p>{links}"
        if request.path.startswith("/offer/"):
            self._asked += 1
            if self._server and self._asked == self._down_at:
                await asyncio.to_thread(self._server.down)
            number = request.path.rpartition("/")[2]
            body = PROMOTION.replace("DEMO7788", f"DEMO88{number}")
        status = 404 if request.path == "/robots.txt" else 200
        data = body.encode()
        writer.write(head(status, [("Content-Type", "text/html; charset=utf-8")], length=len(data)))
        writer.write(data)
        return True


def waiting(data: Path) -> list[Path]:
    return [path for path in (data / "evidence").rglob("*") if path.is_file()]


def target(folder: Path, site: Shop, **politeness: object) -> str:
    kind = {"autothrottle": False, "reason": "a local site of the tests", **politeness}
    return write_target(
        folder / "shop.yaml", seeds=[f"{site.url}/"], rendering="never", politeness=kind
    )


@pytest.mark.parametrize("down_at", [0, PAGES // 2], ids=["from the start", "in the middle"])
def test_a_store_that_does_not_answer_loses_no_finding(
    tmp_path: Path, server: S3Server, down_at: int
) -> None:
    url = f"{server.url}/{tmp_path.name}"
    environment = {**server.environment, "PROMOWATCH_EVIDENCE_URL": url}
    data = tmp_path / "data"
    if not down_at:
        server.down()
    with Shop(server, down_at=down_at) as site:
        calm = {"delay_seconds": 0.2, "concurrent_requests_per_host": 1} if down_at else {}
        named = target(tmp_path, site, **calm)
        scanned = scan(named, data, **environment)

    assert len(scanned.candidates) == PAGES, "every finding is there"
    (gap,) = [gap for gap in scanned.gaps if gap.kind is GapKind.EVIDENCE_WAITING]
    here = waiting(data)
    assert gap.subject == url
    assert gap.reason.startswith(f"{len(here)} files wait in {data}/evidence: the evidence store")
    assert "`promowatch evidence upload` moves them" in scanned.err

    refused = run_promowatch("evidence", "upload", "--data", str(data), **environment)
    assert refused.returncode == 1
    assert f"{len(here)} files wait in" in refused.stderr

    server.up()
    done = run_promowatch("evidence", "upload", "--data", str(data), **environment)
    assert (done.returncode, done.stdout) == (0, f"{len(here)} files moved to {url}\n")
    assert waiting(data) == []
    verified = run_promowatch("evidence", "verify", "--data", str(data), **environment)
    assert verified.stdout.startswith(f"evidence holds: {2 * PAGES} ledger entries")


def test_the_next_scan_moves_what_had_to_wait(tmp_path: Path, server: S3Server) -> None:
    url = f"{server.url}/{tmp_path.name}"
    environment = {**server.environment, "PROMOWATCH_EVIDENCE_URL": url}
    data = tmp_path / "data"
    with Shop() as site:
        named = target(tmp_path, site)
        server.down()
        scan(named, data, **environment)
        assert waiting(data)
        server.up()
        second = scan(named, data, **environment)
    assert waiting(data) == []
    assert second.gaps == ()


def test_check_and_case_file_read_from_the_store(tmp_path: Path, server: S3Server) -> None:
    url = f"{server.url}/{tmp_path.name}"
    environment = {**server.environment, "PROMOWATCH_EVIDENCE_URL": url}
    data = tmp_path / "data"
    with Shop() as site:
        scanned = scan(target(tmp_path, site), data, **environment)
    assert waiting(data) == []
    out = tmp_path / "case.zip"
    key = scanned.candidates[0].key
    done = run_promowatch(
        "evidence", "export", key, "--out", str(out), "--data", str(data), **environment
    )
    assert done.returncode == 0
    assert any(name.endswith(".warc.gz") for name in zipfile.ZipFile(out).namelist())

    server.down()
    done = run_promowatch("evidence", "verify", "--data", str(data), **environment)
    assert done.returncode == 1
    assert "does not take or give files" in done.stderr
    assert "BROKEN" not in done.stdout


def test_upload_needs_a_store_to_go_to(tmp_path: Path) -> None:
    done = run_promowatch("evidence", "upload", "--data", str(tmp_path))
    assert done.returncode == 2
    assert "set PROMOWATCH_EVIDENCE_URL, for example s3://bucket/prefix" in done.stderr
