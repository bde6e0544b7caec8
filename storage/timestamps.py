"""RFC 3161 time stamps: a third party signs that the ledger stood as it stands, and when.

One token over the last entry's hash covers every entry before it, for each names the one before.
What is signed is `LedgerEntry.sealed`, whose SHA-256 is the entry's `hash`, so anybody can check a
token with `openssl ts -verify -digest HASH`. Needs the extra `timestamps` (rfc3161-client).
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from core import BadInput, StorageError, Unreadable
from storage.evidence import EvidenceStore
from storage.failures import file_error
from storage.ledger import Ledger
from storage.ledger_entry import LedgerEntry, LedgerNote

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampRequest, TimeStampResponse

TIMEOUT_SECONDS = 20.0
_MAX_TOKEN_BYTES = 256 * 1024
_LATER = "the evidence is kept; run `promowatch evidence stamp` later"
_GRANTED = 0


class StampedTime(msgspec.Struct, frozen=True):
    """When the authority says it signed; `signature_checked` is false without its certificate."""

    at: datetime
    signature_checked: bool


def stamp_ledger(
    ledger: Ledger,
    evidence: EvidenceStore,
    authority_url: str,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> LedgerEntry | None:
    """Have the ledger's last entry stamped; the entry that names the token, kept in `evidence`.

    None where nothing was appended since the last stamp. Raises BadInput without the extra or for
    a URL that is not http or https, StorageError when the authority gives no usable answer.
    """
    last = ledger.last()
    if last is None or last.kind == "timestamp":
        return None
    request = _request(last)
    token = _answer(authority_url, request.as_bytes(), timeout_seconds)
    try:
        answer = _decoded(token)
        _check_imprint(answer, last.hash)
        if answer.tst_info.nonce != request.nonce:
            raise Unreadable("it answers another request")
    except Unreadable as error:
        raise _failed(authority_url, str(error)) from error
    file = evidence.put(token, "timestamp")
    evidence.sync([file])
    note = LedgerNote(kind="timestamp", subject=last.hash, at=datetime.now(UTC), sha256=file.sha256)
    return ledger.append([note])[0]


class TokenChecker:
    """Checks tokens; their signatures too where `authority` is a PEM file with root certificates.

    Raises BadInput without the extra, or when the file cannot be read.
    """

    def __init__(self, authority: Path | None = None) -> None:
        _library()
        self._roots: Sequence[Certificate] = _certificates(authority) if authority else ()

    def check(self, token: bytes, stamped_hash: str) -> StampedTime:
        """When `token` was signed. Raises Unreadable, saying what is wrong with it, unless it is a
        token over `stamped_hash` that chains to one of the root certificates given."""
        answer = _decoded(token)
        _check_imprint(answer, stamped_hash)
        if self._roots:
            self._check_signature(answer, stamped_hash)
        return StampedTime(answer.tst_info.gen_time, bool(self._roots))

    def _check_signature(self, answer: TimeStampResponse, stamped_hash: str) -> None:
        from rfc3161_client import VerificationError, VerifierBuilder

        verifier = VerifierBuilder(roots=list(self._roots)).build()
        try:
            verifier.verify(answer, bytes.fromhex(stamped_hash))
        except VerificationError as error:
            raise Unreadable(f"the time stamp's signature does not hold: {error}") from error


def timestamps_available() -> bool:
    """Whether the extra `timestamps` is installed."""
    try:
        _library()
    except BadInput:
        return False
    return True


def _library() -> None:
    try:
        import rfc3161_client  # noqa: F401
    except ImportError:
        raise BadInput(
            "time stamps need the package rfc3161-client",
            hint="run `pip install 'promowatch[timestamps]'`",
        ) from None


def _request(entry: LedgerEntry) -> TimeStampRequest:
    _library()
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    return TimestampRequestBuilder(
        data=entry.sealed, hash_algorithm=HashAlgorithm.SHA256, nonce=True, cert_req=True
    ).build()


def _answer(url: str, query: bytes, timeout_seconds: float) -> bytes:
    """RFC 3161, 3.4: one POST. Raises BadInput, StorageError."""
    if not url.lower().startswith(("http://", "https://")):
        raise BadInput(f"the time-stamp authority `{url}` is no http or https address")
    asked = urllib.request.Request(  # noqa: S310  (checked above; set by the operator)
        url, data=query, headers={"Content-Type": "application/timestamp-query"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=timeout_seconds) as answer:  # noqa: S310
            token: bytes = answer.read(_MAX_TOKEN_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _failed(url, str(error)) from error
    if len(token) > _MAX_TOKEN_BYTES:
        raise _failed(url, f"its answer is larger than {_MAX_TOKEN_BYTES} bytes")
    return token


def _decoded(token: bytes) -> TimeStampResponse:
    from rfc3161_client import decode_timestamp_response

    try:
        answer = decode_timestamp_response(token)
        status = answer.status
    except ValueError as error:
        raise Unreadable(f"it is no time-stamp response ({error})") from error
    if status != _GRANTED:
        raise Unreadable(f"the authority refused to stamp (status {status})")
    return answer


def _check_imprint(answer: TimeStampResponse, stamped_hash: str) -> None:
    found = answer.tst_info.message_imprint.message.hex()
    if found != stamped_hash:
        raise Unreadable(f"it stamps {found}, not {stamped_hash}")


def _certificates(path: Path) -> Sequence[Certificate]:
    from cryptography.x509 import load_pem_x509_certificates

    try:
        return load_pem_x509_certificates(path.read_bytes())
    except OSError as error:
        raise file_error("the authority's certificates", path, error) from error
    except ValueError as error:
        raise BadInput(f"{path} holds no PEM certificates ({error})") from error


def _failed(url: str, what: str) -> StorageError:
    return StorageError(f"the time-stamp authority {url} gave no time stamp: {what}", hint=_LATER)
