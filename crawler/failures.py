"""From what went wrong to a gap with a reason. Nothing that fails is swallowed."""

from __future__ import annotations

import zlib
from typing import Any

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)

from core.errors import AddressRefused
from core.gap import Gap, GapKind
from core.text import one_line
from core.urls import split_host
from crawler.network_guard import active_policy


class GapFound(IgnoreRequest):
    """Raised by a middleware that knows the gap already."""

    def __init__(self, gap: Gap) -> None:
        super().__init__(gap.reason)
        self.gap = gap


class SeenBefore(IgnoreRequest):
    """A redirect led to a page that this scan has seen or will see: no gap, nothing to do."""


def gap_for(error: BaseException, url: str) -> Gap | None:
    """The gap that `error`, raised while `url` was fetched, stands for; None if it is none."""
    if isinstance(error, SeenBefore):
        return None
    if isinstance(error, GapFound):
        return error.gap
    kind, reason = _classified(error, url)
    return Gap(kind, url, one_line(reason, 300))


def _classified(error: BaseException, url: str) -> tuple[GapKind, str]:
    host = split_host(url)
    if isinstance(error, AddressRefused):
        return GapKind.ADDRESS_REFUSED, str(error)
    if isinstance(error, CannotResolveHostError):
        refused = active_policy().refused.get(host)
        if refused:
            return GapKind.ADDRESS_REFUSED, refused
        return GapKind.DNS_FAILURE, f"no address for {host}"
    if isinstance(error, DownloadTimeoutError):
        return GapKind.TIMEOUT, "no answer in time"
    if isinstance(error, DownloadConnectionRefusedError):
        return GapKind.UNREACHABLE, "connection refused"
    if isinstance(error, DownloadCancelledError):
        return GapKind.TOO_LARGE, "larger than limits.max_response_bytes"
    if isinstance(error, ResponseDataLossError):
        return GapKind.UNREACHABLE, "the connection broke off before the end of the page"
    if isinstance(error, DownloadFailedError):
        return _transport_failure(error)
    if isinstance(error, IgnoreRequest):
        return _ignored(str(error))
    if isinstance(error, zlib.error | OSError | EOFError):
        return GapKind.UNDECODABLE, f"the body cannot be unpacked: {error}"
    if isinstance(error, RuntimeError) and str(error).startswith("Failed to download"):
        return GapKind.NOT_A_PAGE, "the browser was given a download, which it does not take"
    if type(error).__module__.startswith("playwright"):
        return _browser_failure(str(error), host)
    return GapKind.INTERNAL_ERROR, f"{type(error).__name__}: {error}"


def _transport_failure(error: DownloadFailedError) -> tuple[GapKind, str]:
    causes = [str(cause) for cause in _causes(error)]
    text = "; ".join(cause for cause in causes if cause) or type(error).__name__
    if any(word in text for word in ("SSL", "certificate", "TLS", "VerificationError")):
        return GapKind.TLS_ERROR, f"TLS: {text}"
    return GapKind.UNREACHABLE, f"connection failed: {text}"


def _causes(error: BaseException) -> list[Any]:
    """The failures inside a Twisted ResponseFailed, innermost last."""
    inner = error.__cause__
    reasons = getattr(inner, "reasons", None) or []
    return [getattr(reason, "value", reason) for reason in reasons] or [error]


def _ignored(message: str) -> tuple[GapKind, str]:
    if "robots.txt" in message:
        return GapKind.ROBOTS_DISALLOWED, "robots.txt forbids it"
    if "max redirections" in message:
        return GapKind.REDIRECT_LOOP, "too many redirects"
    if "decompress" in message:
        return GapKind.DECOMPRESSION_BOMB, "unpacks to more than limits.max_response_bytes"
    return GapKind.INTERNAL_ERROR, message


def _browser_failure(message: str, host: str) -> tuple[GapKind, str]:
    first = message.splitlines()[0] if message else "unknown"
    refused = active_policy().refused.get(host)
    if refused:
        return GapKind.ADDRESS_REFUSED, refused
    if "Timeout" in first:
        return GapKind.TIMEOUT, f"the browser gave up: {first}"
    return GapKind.RENDER_FAILED, f"the browser failed: {first}"
