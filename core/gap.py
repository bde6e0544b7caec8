"""Could-not-tell as a value: what a scan could not see, and why."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class GapKind(StrEnum):
    """Permanent machine names: they are stored, counted and shown in reports."""

    DNS_FAILURE = "dns_failure"
    UNREACHABLE = "unreachable"
    TLS_ERROR = "tls_error"
    TIMEOUT = "timeout"
    HTTP_STATUS = "http_status"
    REDIRECT_LOOP = "redirect_loop"
    ADDRESS_REFUSED = "address_refused"
    ROBOTS_DISALLOWED = "robots_disallowed"
    TOO_LARGE = "too_large"
    DECOMPRESSION_BOMB = "decompression_bomb"
    EMPTY_BODY = "empty_body"
    NOT_A_PAGE = "not_a_page"
    CHALLENGED = "challenged"
    UNDECODABLE = "undecodable"
    PICTURE_TOO_LARGE = "picture_too_large"
    PICTURE_UNREADABLE = "picture_unreadable"
    DOCUMENT_UNREADABLE = "document_unreadable"
    OPAQUE_CODE = "opaque_code"
    READER_FAILED = "reader_failed"
    WORDS_NOT_READ = "words_not_read"
    RENDER_FAILED = "render_failed"
    SHAPE_CHANGED = "shape_changed"
    BAD_ROW = "bad_row"
    EVIDENCE_WAITING = "evidence_waiting"
    BUDGET_REACHED = "budget_reached"
    INTERRUPTED = "interrupted"
    INTERNAL_ERROR = "internal_error"


class Gap(msgspec.Struct, frozen=True):
    """One thing that was not seen. Nothing with a gap is ever called clear.

    `subject` is the URL, file and row, or picture concerned; `reason` is one line for a person.
    """

    kind: GapKind
    subject: str
    reason: str
