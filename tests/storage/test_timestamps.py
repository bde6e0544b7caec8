from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core import BadInput, StorageError, Unreadable
from storage import LedgerEntry, Store, TokenChecker, Verification, stamp_ledger, verify_evidence
from storage.ledger_entry import read_entry
from tests.storage.samples_evidence import filled, keep
from tests.storage.time_stamp_authority import Authority, serving


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "ours")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return filled(tmp_path / "data", "/a", "/b")


def stamped(data: Path, authority: Authority) -> LedgerEntry:
    with serving(authority) as url, Store.open(data) as store:
        entry = stamp_ledger(store.ledger, store.evidence, url)
    assert entry is not None
    return entry


def verified(data: Path, tokens: TokenChecker | None) -> Verification:
    with Store.open(data) as store:
        return verify_evidence(store.ledger, store.evidence, tokens=tokens)


def test_a_stamp_covers_the_ledger_up_to_it(data: Path, authority: Authority) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    entry = stamped(data, authority)
    found = verified(data, TokenChecker(authority.root))

    assert (entry.number, entry.kind) == (5, "timestamp")
    assert found.broken is None
    (stamp,) = found.stamps
    assert (stamp.entry, stamp.signature_checked) == (5, True)
    assert stamp.at is not None
    assert before <= stamp.at <= datetime.now(UTC) + timedelta(seconds=2)


def test_openssl_agrees(data: Path, authority: Authority) -> None:
    entry = stamped(data, authority)
    with Store.open(data) as store:
        token = store.evidence.path(entry.sha256, "timestamp")
        hashes = [read_entry(line).hash for line in store.ledger.lines()]
    assert entry.subject == hashes[3]
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-in", token, "-digest", hashes[3], "-CAfile", authority.root],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Verification: OK" in done.stdout + done.stderr


def test_nothing_new_is_not_stamped_again(data: Path, authority: Authority) -> None:
    stamped(data, authority)
    with serving(authority) as url, Store.open(data) as store:
        assert stamp_ledger(store.ledger, store.evidence, url) is None
        keep(store, "/c", 2)
        again = stamp_ledger(store.ledger, store.evidence, url)
    assert again is not None
    assert again.number == 8
    assert len(verified(data, TokenChecker(authority.root)).stamps) == 2


def test_without_certificates_the_signature_is_said_to_be_unchecked(
    data: Path, authority: Authority
) -> None:
    stamped(data, authority)
    (stamp,) = verified(data, TokenChecker()).stamps
    assert stamp.at is not None
    assert not stamp.signature_checked
    (unread,) = verified(data, None).stamps
    assert unread.at is None


def test_another_authority_is_not_trusted(data: Path, authority: Authority, tmp_path: Path) -> None:
    stamped(data, authority)
    other = Authority(tmp_path / "other")
    broken = verified(data, TokenChecker(other.root)).broken
    assert broken is not None
    assert (broken.entry, broken.file[-4:]) == (5, ".tsr")
    assert "signature does not hold" in broken.problem


def test_a_token_over_something_else_is_found(data: Path, authority: Authority) -> None:
    entry = stamped(data, authority)
    with Store.open(data) as store:
        token = store.evidence.read(entry.sha256, "timestamp")
    checker = TokenChecker(authority.root)
    with pytest.raises(Unreadable, match="it stamps"):
        checker.check(token, "0" * 64)
    with pytest.raises(Unreadable, match="it is no time-stamp response"):
        checker.check(b"nonsense", entry.subject)
    place = token.rindex(token[-64:])
    with pytest.raises(Unreadable, match="signature does not hold"):
        checker.check(token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :], entry.subject)


def test_an_old_answer_is_not_taken_for_a_new_one(data: Path, authority: Authority) -> None:
    entry = stamped(data, authority)
    with Store.open(data) as store:
        old = store.evidence.read(entry.sha256, "timestamp")
        keep(store, "/c", 2)
        with (
            serving(authority, replay=old) as url,
            pytest.raises(StorageError, match=r"gave no time stamp: it stamps .* stamp` later"),
        ):
            stamp_ledger(store.ledger, store.evidence, url)
        last = store.ledger.last()
    assert last is not None
    assert last.kind == "verdict", "nothing was appended"


@pytest.mark.parametrize("replay", [b"<html>sign in first</html>", b"\x30\x05\x30\x03\x02\x01\x02"])
def test_an_authority_that_refuses_or_talks_nonsense(
    data: Path, authority: Authority, replay: bytes
) -> None:
    with (
        Store.open(data) as store,
        serving(authority, replay=replay) as url,
        pytest.raises(StorageError, match=r"gave no time stamp: .*; the evidence is kept"),
    ):
        stamp_ledger(store.ledger, store.evidence, url)


def test_an_authority_that_is_not_there(data: Path) -> None:
    with Store.open(data) as store:
        with pytest.raises(StorageError, match="gave no time stamp"):
            stamp_ledger(store.ledger, store.evidence, "http://127.0.0.1:1/")
        with pytest.raises(BadInput, match="no http or https address"):
            stamp_ledger(store.ledger, store.evidence, "file:///etc/hostname")


def test_certificates_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    with pytest.raises(StorageError, match="No such file"):
        TokenChecker(path)
    path.write_text("nothing")
    with pytest.raises(BadInput, match="holds no PEM certificates"):
        TokenChecker(path)


def test_a_full_token_store_appends_nothing(data: Path, authority: Authority) -> None:
    """A folder stands where the token belongs, so that it cannot be kept."""
    with Store.open(data) as store, serving(authority) as url:
        before = store.ledger.path.read_bytes()
        store.evidence.folder.rename(data / "away")
        store.evidence.folder.write_text("a file")
        with pytest.raises(StorageError):
            stamp_ledger(store.ledger, store.evidence, url)
        assert store.ledger.path.read_bytes() == before
