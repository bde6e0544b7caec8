"""The manifest of a sighting: which files prove it, and how they came about.

Kept as `<sha256>.manifest.json` in the evidence store; the ledger names it by that hash, and so
vouches for every file in it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

import msgspec

from core import Capture, StorageError, Unreadable, Verdict
from core.capture import HopKind
from core.document import Surface
from core.verdict import Label
from storage.evidence import EvidenceStore
from storage.records import EvidenceFile
from storage.software import SOFTWARE

MANIFEST_FORMAT = 1


class ManifestHop(msgspec.Struct, frozen=True):
    """One step of a redirect: `url` answered with `status` (None: no HTTP) and pointed on."""

    url: str
    kind: HopKind
    status: int | None


class ContrastView(msgspec.Struct, frozen=True):
    """What another client profile got of a page that shows some visitors what it hides from
    others; `warc_sha256` names the file among the manifest's."""

    profile: str
    taken_at: datetime
    status: int
    final_url: str
    leads_to: str
    warc_sha256: str


class MarkedCopy(msgspec.Struct, frozen=True):
    """A copy of a picture with the evidence boxed and numbered.

    `sha256` is the copy's, `of` that of the picture as it was taken or fetched, `address` where
    that came from: a URL, an element of the page, or `screenshot` (the `full_page`). `numbers` are
    those in the boxes: the places of the reasons in `Verdict.reasons()`, from 1.
    """

    sha256: str
    of: str
    address: str
    numbers: tuple[int, ...]


Unjudged = Literal["absent", "listing"]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a sighting is proven with.

    `key` is the candidate's. `files` has hash and size in bytes of each file but the manifest
    itself, and `marked` says which of them are copies for the eye. `headers` are the response's as
    they came. `label` is `absent` where the surface answered that nothing is there, and
    `listing` for a page of a listing that shows what is listed: then nothing was judged, and there
    is no score or rule set. `profile` is the client profile. `software` and
    `ruleset_version` say what captured and judged it.
    """

    format: int = MANIFEST_FORMAT
    key: str
    surface: Surface
    requested_url: str
    final_url: str
    hops: tuple[ManifestHop, ...]
    leads_to: str
    taken_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    server_address: str
    profile: str
    rendered: bool
    label: Label | Unjudged
    score: float
    judged_on: date
    software: str
    ruleset_version: str
    files: tuple[EvidenceFile, ...]
    contrast: tuple[ContrastView, ...] = ()
    marked: tuple[MarkedCopy, ...] = ()


def manifest_of(
    key: str,
    surface: Surface,
    capture: Capture,
    verdict: Verdict,
    files: tuple[EvidenceFile, ...],
    contrast: tuple[ContrastView, ...] = (),
    marked: tuple[MarkedCopy, ...] = (),
) -> Manifest:
    """The manifest of a `capture` of the candidate `key`, judged as `verdict`, kept in `files`, of
    which `marked` are copies of others."""
    return Manifest(
        key=key,
        surface=surface,
        requested_url=capture.requested_url,
        final_url=capture.final_url,
        hops=tuple(ManifestHop(hop.url, hop.kind, hop.status) for hop in capture.hops),
        leads_to=capture.leads_to,
        taken_at=capture.taken_at,
        status=capture.status,
        headers=capture.headers,
        server_address=capture.server_address,
        profile=capture.profile,
        rendered=capture.rendered,
        label=verdict.label,
        score=verdict.score,
        judged_on=verdict.on,
        software=SOFTWARE,
        ruleset_version=verdict.ruleset_version,
        files=files,
        contrast=contrast,
        marked=marked,
    )


def unjudged_manifest(
    key: str, capture: Capture, label: Unjudged, files: tuple[EvidenceFile, ...]
) -> Manifest:
    """The manifest of a `capture` that proves by itself what is not there any more."""
    nothing = Verdict(
        label="undetermined", score=0.0, on=capture.taken_at.date(), ruleset_version=""
    )
    manifest = manifest_of(key, "marketing_page", capture, nothing, files)
    return msgspec.structs.replace(manifest, label=label)


def contrast_view(capture: Capture, warc: EvidenceFile) -> ContrastView:
    """The row of `capture`, kept as `warc`."""
    return ContrastView(
        profile=capture.profile,
        taken_at=capture.taken_at,
        status=capture.status,
        final_url=capture.final_url,
        leads_to=capture.leads_to,
        warc_sha256=warc.sha256,
    )


def read_manifest(evidence: EvidenceStore, sha256: str) -> Manifest:
    """The manifest kept under `sha256`. Raises StorageError when it is missing, was changed, or is
    of a newer format."""
    data = evidence.read(sha256, "manifest")
    try:
        manifest = msgspec.json.decode(data, type=Manifest)
        if manifest.format > MANIFEST_FORMAT:
            raise Unreadable(f"it has format {manifest.format}, we read {MANIFEST_FORMAT}")
    except (msgspec.MsgspecError, UnicodeDecodeError, Unreadable) as error:
        path = evidence.path(sha256, "manifest")
        raise StorageError(
            f"the manifest {path} cannot be read ({error})",
            hint="use the version of the program that wrote it",
        ) from error
    return manifest
