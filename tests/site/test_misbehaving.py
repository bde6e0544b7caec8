"""The misbehaving site itself: every endpoint does what stands beside its name."""

from __future__ import annotations

import socket
import ssl
import zlib
from collections.abc import Iterator

import pytest

from tests.site import Endpoint, MisbehavingSite, bombs
from tests.site.endpoints import LOCATIONS
from tests.site.misbehaving import HOST, SECRET, SECRET_HOST, Robots

SLOW = {Endpoint.SILENT, Endpoint.DRIP}


@pytest.fixture(scope="module")
def site() -> Iterator[MisbehavingSite]:
    with MisbehavingSite() as running:
        yield running


def exchange(url: str, path: str, limit: int = 300_000, host: str = HOST) -> bytes:
    """The first `limit` raw bytes that come back for a plain GET."""
    port = int(url.rstrip("/").rpartition(":")[2])
    with socket.create_connection((host, port), timeout=20) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        parts, size = [], 0
        while size < limit:
            try:
                part = connection.recv(65_536)
            except ConnectionResetError:
                break
            if not part:
                break
            parts.append(part)
            size += len(part)
        return b"".join(parts)


@pytest.mark.parametrize("endpoint", [e for e in Endpoint if e not in SLOW], ids=lambda e: e.name)
def test_every_endpoint_answers_and_the_site_lives_on(
    site: MisbehavingSite, endpoint: Endpoint
) -> None:
    assert exchange(site.url, endpoint)
    assert b"200 OK" in exchange(site.url, Endpoint.FINE)


@pytest.mark.parametrize("endpoint", sorted(SLOW), ids=lambda e: e.name)
def test_slow_endpoints_keep_the_connection_open(site: MisbehavingSite, endpoint: Endpoint) -> None:
    port = int(site.url.rstrip("/").rpartition(":")[2])
    with socket.create_connection((HOST, port), timeout=0.3) as connection:
        connection.sendall(f"GET {endpoint} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        with pytest.raises(TimeoutError):
            while connection.recv(65_536):
                pass


@pytest.mark.parametrize("endpoint", sorted(LOCATIONS), ids=lambda e: e.name)
def test_redirects_name_their_target(site: MisbehavingSite, endpoint: Endpoint) -> None:
    answer = exchange(site.url, endpoint).decode()
    scheme_or_path = LOCATIONS[endpoint].partition("{port}")[0]
    assert f"Location: {scheme_or_path}" in answer


@pytest.mark.parametrize("endpoint", [Endpoint.HUGE, Endpoint.HUGE_CHUNKED], ids=lambda e: e.name)
def test_huge_pages_are_streamed(site: MisbehavingSite, endpoint: Endpoint) -> None:
    answer = exchange(site.url, endpoint, limit=2_000_000)
    assert len(answer) >= 2_000_000
    assert (b"Content-Length: 200000000" in answer) == (endpoint is Endpoint.HUGE)


def test_gzip_bomb_is_small_and_inflates_far() -> None:
    body = bombs.gzip_bomb()
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    inflated = len(unpacker.decompress(body, 20_000_000))
    assert len(body) < 2_000_000
    assert inflated == 20_000_000 and unpacker.unconsumed_tail
    assert len(bombs.nested_gzip_bomb()) < 20_000


@pytest.mark.long
def test_gzip_bomb_is_valid_to_its_end() -> None:
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
    waiting, inflated = bombs.gzip_bomb(), 0
    while not unpacker.eof:
        inflated += len(unpacker.decompress(waiting, 10_000_000))
        waiting = unpacker.unconsumed_tail
    assert inflated > 1_000_000_000


def test_huge_picture_has_a_small_body() -> None:
    body = bombs.huge_png()
    assert len(body) < 120
    assert int.from_bytes(body[16:20], "big") == 50_000


def test_reset_comes_in_mid_body(site: MisbehavingSite) -> None:
    answer = exchange(site.url, Endpoint.RESET)
    assert b"Content-Length: 100000" in answer and len(answer) < 2_000


def test_tls_listener_shows_a_certificate_nobody_vouches_for(site: MisbehavingSite) -> None:
    port = int(site.tls_url.rstrip("/").rpartition(":")[2])
    with (
        socket.create_connection((HOST, port), timeout=10) as connection,
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        ssl.create_default_context().wrap_socket(connection, server_hostname=HOST)


@pytest.mark.parametrize(
    ("robots", "status"),
    [
        ("allow", b"200 OK"),
        ("missing", b"404 Not Found"),
        ("failing", b"500 Internal"),
        ("disallow_all", b"Disallow: /\n"),
        ("html", b"<title>"),
        ("huge", b"# filler"),
    ],
)
def test_robots_variants(robots: Robots, status: bytes) -> None:
    with MisbehavingSite(robots) as site:
        assert status in exchange(site.url, "/robots.txt")


def test_visits_to_the_secret_are_noted() -> None:
    with MisbehavingSite() as site:
        assert b"secret" in exchange(site.url, SECRET, host=SECRET_HOST)
        assert site.asked == [("x", SECRET)]
