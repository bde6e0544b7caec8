"""A file behind an `https://` address as a stream, through the network guard.

Scrapy would hold it whole in memory. The address is one that the target names, so robots.txt is not
asked; redirects are followed, and every connection goes to an address the guard has checked.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from core.gap import GapKind
from core.target import Target
from crawler.exports.fetch import FetchFailed
from crawler.network_guard import AddressPolicy
from crawler.settings import USER_AGENT


@contextmanager
def open_http(url: str, target: Target) -> Iterator[BinaryIO]:
    """The body of `url`. Raises FetchFailed, AddressRefused, TimeoutError or OSError; so does
    reading."""
    policy = AddressPolicy(target.network.allow)
    opener = urllib.request.OpenerDirector()  # build_opener would add ftp:, file: and proxies
    for handler in (
        _HttpHandler(policy),
        _HttpsHandler(policy),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.UnknownHandler(),
    ):
        opener.add_handler(handler)
    headers = {
        "User-Agent": target.politeness.user_agent or USER_AGENT,
        "Accept-Encoding": "identity",
    }
    request = urllib.request.Request(url, headers=headers)  # noqa: S310  (http or https: caller)
    try:
        with opener.open(request, timeout=target.limits.timeout_seconds) as response:
            yield cast("BinaryIO", _Whole(response))
    except urllib.error.HTTPError as error:
        raise FetchFailed(GapKind.HTTP_STATUS, f"answered {error.code}") from error
    except urllib.error.URLError as error:
        raise _cause(error) from error
    except http.client.HTTPException as error:
        raise FetchFailed(GapKind.UNREACHABLE, f"no HTTP: {error}") from error


class _Whole:
    """A response that is not taken for whole when the connection broke off."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response
        self._left = int(response.headers.get("Content-Length") or -1)

    def read(self, size: int) -> bytes:
        data = self._response.read(size)
        if self._left >= 0:
            self._left -= len(data)
            if not data and self._left > 0:
                reason = f"the connection broke off, {self._left} bytes before the end"
                raise FetchFailed(GapKind.UNREACHABLE, reason)
        return data


def _cause(error: urllib.error.URLError) -> Exception:
    cause = error.reason
    if isinstance(cause, socket.gaierror):
        return FetchFailed(GapKind.DNS_FAILURE, "no address for its host")
    if isinstance(cause, ssl.SSLError):
        return FetchFailed(GapKind.TLS_ERROR, str(cause))
    return cause if isinstance(cause, Exception) else FetchFailed(GapKind.UNREACHABLE, str(cause))


def _connected(policy: AddressPolicy, host: str, port: int, timeout: Any) -> socket.socket:
    """A connection to the first address of `host` that answers, all of them checked before."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, address in found:
        policy.check(host, ipaddress.ip_address(str(address[0]).partition("%")[0]))
    problem: OSError = OSError(f"no address for {host}")
    for family, kind, protocol, _, address in found:
        connection = socket.socket(family, kind, protocol)
        connection.settimeout(timeout)
        try:
            connection.connect(address)
        except OSError as error:
            connection.close()
            problem = error
        else:
            return connection
    raise problem


class _HttpHandler(urllib.request.HTTPHandler):
    def __init__(self, policy: AddressPolicy) -> None:
        super().__init__()
        self._policy = policy

    def http_open(self, req: urllib.request.Request) -> Any:
        policy = self._policy

        class Guarded(http.client.HTTPConnection):
            def connect(self) -> None:
                self.sock = _connected(policy, self.host, self.port, self.timeout)

        return self.do_open(Guarded, req)


class _HttpsHandler(urllib.request.HTTPSHandler):
    def __init__(self, policy: AddressPolicy) -> None:
        super().__init__()
        self._policy = policy

    def https_open(self, req: urllib.request.Request) -> Any:
        policy = self._policy
        context = ssl.create_default_context()

        class Guarded(http.client.HTTPSConnection):
            def connect(self) -> None:
                plain = _connected(policy, self.host, self.port, self.timeout)
                self.sock = context.wrap_socket(plain, server_hostname=self.host)

        return self.do_open(Guarded, req)
