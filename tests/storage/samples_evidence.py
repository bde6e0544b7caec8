"""Captures for the evidence tests, and whole data folders with a few sightings in them."""

from __future__ import annotations

from pathlib import Path

from core import Capture, Document, Hop
from storage import (
    EvidenceFile,
    LedgerNote,
    Look,
    Store,
    manifest_of,
    portable_json,
    surface_key,
    warc_of,
)
from tests.storage.samples import at, look, verdict

PAGE = "<title>开户福利</title><p>用我的链接开户 <a href=/go>点这里</a>".encode()


def capture(url: str = "https://pages.test/offer", body: bytes = PAGE, hours: float = 0) -> Capture:
    """A page that was reached over one redirect."""
    return Capture(
        requested_url="https://pages.test/short",
        final_url=url,
        body=body,
        taken_at=at(hours),
        headers=(
            ("content-type", "text/html; charset=utf-8"),
            ("content-length", "31"),
            ("set-cookie", "a=1; Path=/"),
            ("set-cookie", "b=\xff\xe9; Path=/"),
            ("transfer-encoding", "chunked"),
        ),
        hops=(
            Hop(
                "https://pages.test/short",
                "http",
                302,
                request_headers=(("user-agent", "Promowatch"),),
                headers=(("location", "/offer"),),
                body=b"moved",
            ),
            Hop("https://pages.test/between", "script"),
        ),
        request_headers=(("user-agent", "Promowatch"), ("accept-language", "zh")),
        server_address="203.0.113.7",
    )


def keep(store: Store, path: str, hours: float = 0.0, body: bytes = PAGE) -> Look:
    """Keep a sighting of `path` as the pipelines do, but for the scan: gives its look."""
    url = f"https://pages.test{path}"
    seen, found = capture(url, body, hours), verdict("violation")
    key, put = surface_key("marketing_page", url), store.evidence.put
    document = Document(surface="marketing_page", url=url, title=f"Page {path}")
    files: tuple[EvidenceFile, ...] = (
        put(body, "response"),
        put(warc_of(seen), "warc"),
        put(portable_json(document), "document"),
        put(portable_json(found), "verdict"),
        put(b"\xff\xd8\xff a picture of " + path.encode(), "screenshot"),
    )
    manifest = put(
        portable_json(manifest_of(key, "marketing_page", seen, found, files)), "manifest"
    )
    verdict_sha256 = next(file.sha256 for file in files if file.kind == "verdict")
    store.ledger.append(
        [
            LedgerNote(kind="capture", subject=key, at=at(hours), sha256=manifest.sha256),
            LedgerNote(kind="verdict", subject=key, at=at(hours), sha256=verdict_sha256),
        ]
    )
    return look(path, hours=hours, content=body.hex(), evidence=(*files, manifest))


def filled(folder: Path, *paths: str) -> Path:
    """A data folder with one scan that sighted `paths`."""
    with Store.open(folder) as store:
        scan_id = store.begin_scan("sample", "Sample", started_at=at())
        store.record(scan_id, [keep(store, path, n) for n, path in enumerate(paths)])
        store.finish_scan(scan_id, state="finished", finished_at=at(1))
    return folder
