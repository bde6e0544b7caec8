"""Exports from elsewhere: copied whole or told as a gap, never from an address that is refused."""

from __future__ import annotations

import gzip
import http.server
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import fsspec
import pytest

from benchmarks.listing_export import planted_ids, write_export
from core.errors import BadInput
from core.gap import GapKind
from core.target import ExportListing, Limits, Network, Target
from crawler.exports.fetch import fetched
from crawler.exports.scan import finish_export_scan, run_export_scan
from storage import Store
from tests.scanning import ROOT, run_promowatch, scan, write_target

BODY = gzip.compress(b'{"name": "a", "app_id": "wx1"}\n' * 5_000)


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/export.jsonl.gz")
            self.end_headers()
        elif self.path == "/inward":
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.2:1/export.jsonl")
            self.end_headers()
        elif self.path == "/to-a-file":
            self.send_response(302)
            self.send_header("Location", "file:///etc/hostname")
            self.end_headers()
        elif self.path == "/cut":
            self.send_response(200)
            self.send_header("Content-Length", str(2 * len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)
        elif self.path == "/export.jsonl.gz":
            self.send_response(200)
            self.send_header("Content-Length", str(len(BODY)))
            self.end_headers()
            self.wfile.write(BODY)
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_address[1]}"
        running.shutdown()


def target(seed: str, *allow: str) -> Target:
    return Target(
        id="export",
        title="export",
        surface="mini_program",
        seeds=(seed,),
        source=ExportListing(format="jsonl"),
        pictures=False,
        limits=Limits(max_link_hops=0, timeout_seconds=5),
        network=Network(allow=allow),
    )


@pytest.mark.parametrize("path", ["/export.jsonl.gz", "/moved"])
def test_a_file_behind_an_address_is_copied_whole_and_gone_afterwards(
    tmp_path: Path, server: str, path: str
) -> None:
    with fetched(target(server + path, "127.0.0.1"), tmp_path) as found:
        assert found.gaps == ()
        assert found.exports[0].path.read_bytes() == BODY
        assert found.exports[0].seed == server + path
    assert list((tmp_path / "exports").iterdir()) == []


@pytest.mark.parametrize(
    ("path", "allow", "kind"),
    [
        ("/export.jsonl.gz", "", GapKind.ADDRESS_REFUSED),
        ("/inward", "127.0.0.1", GapKind.ADDRESS_REFUSED),
        ("/to-a-file", "127.0.0.1", GapKind.HTTP_STATUS),
        ("/missing", "127.0.0.1", GapKind.HTTP_STATUS),
        ("/cut", "127.0.0.1", GapKind.UNREACHABLE),
    ],
)
def test_what_is_not_had_is_a_gap(
    tmp_path: Path, server: str, path: str, allow: str, kind: GapKind
) -> None:
    with fetched(target(server + path, *filter(None, [allow])), tmp_path) as found:
        assert found.exports == ()
        assert [gap.kind for gap in found.gaps] == [kind]
    assert list((tmp_path / "exports").iterdir()) == []


def test_a_server_that_is_not_there_is_a_gap(tmp_path: Path) -> None:
    with fetched(target("http://127.0.0.1:9/x.csv", "127.0.0.1"), tmp_path) as found:
        assert [gap.kind for gap in found.gaps] == [GapKind.UNREACHABLE]


def test_object_storage_is_read_and_what_is_not_in_it_is_a_gap(tmp_path: Path) -> None:
    with fsspec.open("memory://team/export.jsonl.gz", "wb") as file:
        file.write(BODY)
    with fetched(target("memory://team/export.jsonl.gz"), tmp_path) as found:
        assert found.exports[0].path.read_bytes() == BODY
    with fetched(target("memory://team/other.jsonl"), tmp_path) as found:
        assert [gap.kind for gap in found.gaps] == [GapKind.UNREACHABLE]
        assert "no such file" in found.gaps[0].reason


@pytest.mark.parametrize("seed", ["file:///etc/passwd", "simplecache::memory://a", "local://x"])
def test_no_other_scheme_is_opened(tmp_path: Path, seed: str) -> None:
    with pytest.raises(BadInput, match="no export"), fetched(target(seed), tmp_path):
        pass


def test_a_scan_from_object_storage_finds_what_is_planted(tmp_path: Path) -> None:
    export, data = tmp_path / "export.jsonl", tmp_path / "data"
    write_export(export, 800)
    with fsspec.open("memory://team/planted.jsonl", "wb") as file:
        file.write(export.read_bytes())
    told = []
    for _ in range(2):
        with fetched(target("memory://team/planted.jsonl"), data) as exports:
            Store.open(data).close()
            done = run_export_scan(
                target("memory://team/planted.jsonl"),
                exports,
                data=data,
                catalogue=ROOT / "catalogue",
                zone=ZoneInfo("Asia/Shanghai"),
                told=told.append,
            )
        finish_export_scan(data, done.scan_id, complete=done.complete)
    assert told[-1].entries == 800
    assert told[-1].position == told[-1].size
    with Store.open(data) as store:
        candidates = store.scan_candidates(done.scan_id)
        assert store.scan_summary(done.scan_id).labels["unchanged"] == 792
    assert {row.app_id for row in candidates} == planted_ids(800)
    assert candidates[0].url.startswith("memory://team/planted.jsonl")
    assert candidates[0].last_seen <= datetime.now(UTC)


def test_an_export_behind_an_address_is_scanned_by_the_command(tmp_path: Path, server: str) -> None:
    scanned = scan(f"{server}/export.jsonl.gz", tmp_path / "data", "--allow-address", "127.0.0.1")
    assert scanned.status == 0
    assert scanned.summary is not None
    assert scanned.summary.labels == {"clear": 5_000}


def test_pictures_of_a_fetched_export_are_read_too(tmp_path: Path) -> None:
    """What is left to the spider is read from the copy, under the export's own address."""
    shipped = (ROOT / "tests" / "site" / "exports" / "miniprograms.jsonl").read_bytes()

    class Serving(_Handler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(shipped)))
            self.end_headers()
            self.wfile.write(shipped)

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Serving) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{running.server_address[1]}/miniprograms.jsonl"
        path = write_target(
            tmp_path / "shipped.yaml",
            surface="mini_program",
            seeds=[url],
            source={"kind": "export", "format": "jsonl"},
            pictures=False,
        )
        fetched_ = scan(path, tmp_path / "fetched")
        running.shutdown()
    local = scan(
        str(ROOT / "tests" / "site" / "exports" / "miniprograms.jsonl"), tmp_path / "local"
    )
    labels = {line["app_id"]: line["label"] for line in local.lines}
    assert labels
    assert {line["app_id"]: line["label"] for line in fetched_.lines} == labels


def test_a_missing_library_is_told_with_what_installs_it(tmp_path: Path) -> None:
    done = run_promowatch("scan", "gcs://bucket/export.csv", "--data", str(tmp_path / "data"))
    assert done.returncode == 2
    assert "pip install -e '.[remote]'" in done.stderr
    assert "Traceback" not in done.stderr
