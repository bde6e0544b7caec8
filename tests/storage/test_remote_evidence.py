"""Evidence in a shared store: a real S3 server that goes down and comes back, and a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core import BadInput, StorageError
from storage import EvidenceStore, EvidenceStoreGone, Store, verify_evidence
from storage.evidence_upload import Uploader
from storage.remote_evidence import RemoteEvidence
from tests.s3_server import S3Server, s3_server
from tests.storage.samples import at
from tests.storage.samples_evidence import keep

PAGE = b"<p>bonus 8888</p>"


@pytest.fixture(scope="module")
def running() -> Iterator[S3Server]:
    with s3_server() as server:
        yield server


@pytest.fixture
def server(running: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    for name, value in running.environment.items():
        monkeypatch.setenv(name, value)
    yield running
    running.up()


@pytest.fixture(params=["s3", "folder"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place of its own in a bucket, and in a folder: what fsspec reaches is all one."""
    if request.param == "folder":
        return f"file://{tmp_path}/shared"
    server: S3Server = request.getfixturevalue("server")
    return f"{server.url}/{tmp_path.name}"


def files_in(evidence: EvidenceStore) -> list[Path]:
    return [path for path in evidence.folder.rglob("*") if path.is_file()]


def test_what_is_put_goes_to_the_store_and_is_read_from_it(tmp_path: Path, url: str) -> None:
    here = EvidenceStore(tmp_path / "here", url=url)
    kept = here.put(PAGE, "response")
    assert here.read(kept.sha256, "response") == PAGE, "before it is moved"
    here.sync([kept])

    assert files_in(here) == []
    there = EvidenceStore(tmp_path / "there", url=url)
    assert there.read(kept.sha256, "response") == PAGE


def test_the_same_bytes_are_moved_once_and_never_written_over(tmp_path: Path, url: str) -> None:
    remote = RemoteEvidence(url)
    remote.keep("ab/cd/name.response", PAGE)
    remote.keep("ab/cd/name.response", PAGE[::-1])
    assert remote.read("ab/cd/name.response") == PAGE, "other bytes of the same size"

    first, second = (EvidenceStore(tmp_path / name, url=url) for name in ("a", "b"))
    for one in (first, second, first):
        one.sync([one.put(PAGE, "response")])
    assert files_in(first) == files_in(second) == []


def test_a_part_that_a_file_system_kept_is_written_again(tmp_path: Path, url: str) -> None:
    remote = RemoteEvidence(url)
    remote.keep("ab/cd/name.response", PAGE[:5])
    remote.keep("ab/cd/name.response", PAGE)
    assert remote.read("ab/cd/name.response") == PAGE


def test_missing_evidence_is_one_clear_line(tmp_path: Path, url: str) -> None:
    with pytest.raises(StorageError, match="cannot be used"):
        EvidenceStore(tmp_path, url=url).read("0" * 64, "picture")


def test_a_store_that_is_down_from_the_start_costs_nothing(
    tmp_path: Path, server: S3Server
) -> None:
    server.down()
    evidence = EvidenceStore(tmp_path, url=f"{server.url}/late")
    kept = evidence.put(PAGE, "response")
    evidence.sync([kept])
    assert evidence.read(kept.sha256, "response") == PAGE
    done = evidence.upload()
    assert (done.moved, done.waiting) == (0, 1)
    assert "s3://evidence/team/late does not take or give files (Could not connect" in done.problem

    server.up()
    assert evidence.upload().moved == 1
    assert files_in(evidence) == []
    assert evidence.read(kept.sha256, "response") == PAGE


def test_a_store_that_goes_down_in_the_middle_is_left_alone_for_a_while(
    tmp_path: Path, server: S3Server
) -> None:
    now = [0.0]
    evidence = EvidenceStore(tmp_path, url="")
    remote = RemoteEvidence(f"{server.url}/middle")
    uploader = Uploader(remote, evidence.folder, monotonic=lambda: now[0])

    def moved(text: bytes) -> bool:
        kept = evidence.put(text, "response")
        return not uploader.move([evidence.path(kept.sha256, "response")])

    assert moved(b"one")
    server.down()
    assert not moved(b"two")
    server.up()
    assert not moved(b"three"), "it is not asked yet"
    now[0] = 60.0
    assert moved(b"four")
    assert files_in(evidence) == [], "what had to wait went along"


def test_only_what_the_name_vouches_for_is_moved(tmp_path: Path, url: str) -> None:
    evidence = EvidenceStore(tmp_path / "here", url=url)
    kept = evidence.put(PAGE, "response")
    path = evidence.path(kept.sha256, "response")
    path.write_bytes(PAGE[:4])
    (path.parent / f".{path.name}.77.part").write_bytes(PAGE)
    assert evidence.upload().waiting == 1
    evidence.put(PAGE, "response")
    assert evidence.upload().moved == 1


def test_a_refusing_store_is_told(tmp_path: Path, server: S3Server) -> None:
    evidence = EvidenceStore(tmp_path, url="s3://no-such-bucket/team")
    evidence.sync([evidence.put(PAGE, "response")])
    assert "The specified bucket does not exist" in evidence.upload().problem


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("bucket/prefix", "PROMOWATCH_EVIDENCE_URL is no URL; write s3://bucket/prefix"),
        ("tape://drive/1", "PROMOWATCH_EVIDENCE_URL: `tape:` is not known to fsspec; write s3"),
        (
            "gs://bucket/prefix",
            "PROMOWATCH_EVIDENCE_URL: `gs:` needs the package gcsfs; `pip install gcsfs`",
        ),
    ],
)
def test_a_wrong_url_is_bad_input(tmp_path: Path, url: str, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        EvidenceStore(tmp_path, url=url)
    assert str(refused.value).startswith(said)


def test_messages_never_show_the_password(tmp_path: Path) -> None:
    assert RemoteEvidence("ftp://team:sesame@127.0.0.1/x").name == "ftp://127.0.0.1/x"


def test_evidence_in_the_store_is_verified_like_any_other(
    tmp_path: Path, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"{server.url}/verified"
    monkeypatch.setenv("PROMOWATCH_EVIDENCE_URL", url)
    with Store.open(tmp_path / "data", url="") as store:
        scan_id = store.begin_scan("sample", "Sample", started_at=at())
        store.record(scan_id, [keep(store, "/a")])
        evidence = store.evidence
        assert evidence.upload().waiting == 0
        found = verify_evidence(store.ledger, evidence, store.recorded_manifests())
        assert (found.broken, found.entries) == (None, 2)
        assert found.files > 2

        (sighting,) = store.case("https://pages.test/a").sightings
        name = next(
            evidence.path(file.sha256, file.kind).relative_to(evidence.folder).as_posix()
            for file in sighting.evidence
            if file.kind == "document"
        )
        files, root = RemoteEvidence(url)._place
        files.pipe_file(f"{root}/{name}", b"other words")
        changed = verify_evidence(store.ledger, evidence)
        assert changed.broken is not None
        assert changed.broken.file == f"evidence/{name}"
        assert "bytes, its manifest says" in changed.broken.problem

        server.down()
        with pytest.raises(EvidenceStoreGone, match="does not take or give files"):
            verify_evidence(store.ledger, evidence)
