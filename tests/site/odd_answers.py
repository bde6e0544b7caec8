"""How the misbehaving site answers: bodies sent whole, and answers that no framework would send."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from tests.site import bombs
from tests.site.endpoints import Endpoint
from tests.site.loopback import Request, head

HTML = ("Content-Type", "text/html; charset=utf-8")
FINE = "<!DOCTYPE html><title>天气</title><p>今天多云，东南风三级。</p>".encode()
_ODD_LINKS = """<!DOCTYPE html><title>links</title>
<a href="javascript:alert(document.cookie)">a</a> <a href="JaVaScRiPt:void(0)">b</a>
<a href="file:///etc/passwd">c</a> <a href="data:text/html,<p>data</p>">d</a>
<a href="vbscript:msgbox">e</a> <a href="blob:null/1">f</a> <a href="about:blank">g</a>
<a href="mailto:editor@linhe.example">h</a> <a href="http://">i</a> <a href="http://[">j</a>
<a href="http://127.0.0.3:99999/">k</a> <a href="//">l</a> <a href="http:///etc/passwd">m</a>
<a href="http://user:word@127.0.0.3/">n</a> <a href="\\\\server\\share">o</a> <a href="">p</a>
<a href="../../../../etc/passwd">q</a> <a href="?a=%zz">r</a> <a href="http://xn--/">s</a>
<img src="file:///etc/passwd"> <iframe src="javascript:1"></iframe> <a href="/fine">fine</a>
"""
_CONTROL = (
    "<!DOCTYPE html><title>\x1b[31m红\x07\u202e倒\u202c\x9b2J</title>"
    '<a href="/fine?%1b%5b2J">\x1b]0;title\x07</a> <a href="/%2e%2e%2f%2e%2e%2fetc%2fpasswd">x</a>'
    '<a href="/fine?\x01\x02">y</a> <p>\x00\x08\x7f</p>'
)
BODIES: dict[Endpoint, tuple[tuple[tuple[str, str], ...], Callable[[], bytes]]] = {
    Endpoint.FINE: ((HTML,), lambda: FINE),
    Endpoint.REFRESH_LOOP: (
        (HTML,),
        lambda: b'<meta http-equiv="refresh" content="0;url=/refresh/loop"><p>.</p>',
    ),
    Endpoint.GZIP_BOMB: ((HTML, ("Content-Encoding", "gzip")), bombs.gzip_bomb),
    Endpoint.GZIP_NESTED: ((HTML, ("Content-Encoding", "gzip, gzip")), bombs.nested_gzip_bomb),
    Endpoint.GZIP_BROKEN: ((HTML, ("Content-Encoding", "gzip")), lambda: FINE),
    Endpoint.HUGE_PICTURE: ((("Content-Type", "image/png"),), bombs.huge_png),
    Endpoint.BROKEN_PICTURE: ((("Content-Type", "image/png"),), lambda: FINE),
    Endpoint.PICTURE_PAGE: (
        (HTML,),
        lambda: (
            f'<img src="{Endpoint.HUGE_PICTURE}"><img src="{Endpoint.BROKEN_PICTURE}">'.encode()
            + FINE
        ),
    ),
    Endpoint.BINARY_AS_HTML: ((HTML,), bombs.binary),
    Endpoint.EMPTY: ((HTML,), lambda: b""),
    Endpoint.NUL_BYTES: ((HTML,), lambda: b"\0".join(FINE[n : n + 9] for n in range(0, 80, 9))),
    Endpoint.BROKEN_UTF8: ((HTML,), lambda: b"<title>\xff\xfe</title><p>\xe4\xb8 \xc0\xaf ok</p>"),
    Endpoint.UNKNOWN_CHARSET: ((("Content-Type", "text/html; charset=x-none-1"),), lambda: FINE),
    Endpoint.ODD_LINKS: ((HTML,), _ODD_LINKS.encode),
    Endpoint.MANY_LINKS: ((HTML,), bombs.many_links),
    Endpoint.CONTROL_CHARACTERS: (
        (HTML, ("Content-Disposition", 'inline; filename="..\\..\\\x1b[31m\tx.html"')),
        _CONTROL.encode,
    ),
    Endpoint.COOKIES: (
        (HTML, *(("Set-Cookie", f"=\x02;;{n}=;;domain=.com;path=\\;;") for n in range(300))),
        lambda: FINE,
    ),
    Endpoint.NESTED: ((HTML,), bombs.nested_elements),
    Endpoint.LONG_WORD: ((HTML,), bombs.long_word),
    Endpoint.UNCLOSED: ((HTML,), bombs.unclosed),
}


def send(
    writer: asyncio.StreamWriter, status: int, headers: tuple[tuple[str, str], ...], body: bytes
) -> bool:
    writer.write(head(status, headers, length=len(body)) + body)
    return True


async def answer_status(request: Request, writer: asyncio.StreamWriter) -> bool:
    status = int(request.path.rpartition("/")[2])
    headers = (HTML, ("Retry-After", "1")) if status == 503 else (HTML,)
    return send(writer, status, headers, b"" if status == 204 else FINE)


async def _silent(request: Request, writer: asyncio.StreamWriter) -> bool:
    await asyncio.Event().wait()
    return False


async def _drip(request: Request, writer: asyncio.StreamWriter) -> bool:
    writer.write(head(200, (HTML,), length=1_000_000))
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(1)


async def _redirect_endless(request: Request, writer: asyncio.StreamWriter) -> bool:
    step = int(parse_qs(request.query).get("step", ["0"])[0]) + 1
    location = f"{Endpoint.REDIRECT_ENDLESS}?step={step}"
    return send(writer, 302, (HTML, ("Location", location)), b"")


async def _redirect_nowhere(request: Request, writer: asyncio.StreamWriter) -> bool:
    return send(writer, 302, (HTML,), b"")


async def _huge(request: Request, writer: asyncio.StreamWriter) -> bool:
    writer.write(head(200, (HTML,), length=bombs.HUGE_PAGE_BYTES))
    piece = b"<p>one hundred bytes of nothing much</p>\n".ljust(100, b" ") * 1_000
    for _ in range(bombs.HUGE_PAGE_BYTES // len(piece)):
        writer.write(piece)
        await writer.drain()
    return True


async def _huge_chunked(request: Request, writer: asyncio.StreamWriter) -> bool:
    writer.write(head(200, (HTML, ("Transfer-Encoding", "chunked")), length=None))
    piece = b"<p>and so on</p>".ljust(100, b" ") * 1_000
    for _ in range(bombs.HUGE_PAGE_BYTES // len(piece)):
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        await writer.drain()
    writer.write(b"0\r\n\r\n")
    return True


async def _reset(request: Request, writer: asyncio.StreamWriter) -> bool:
    writer.write(head(200, (HTML,), length=100_000) + FINE)
    await writer.drain()
    writer.transport.abort()
    return False


async def _too_long(request: Request, writer: asyncio.StreamWriter) -> bool:
    writer.write(head(200, (HTML,), length=len(FINE) + 5_000, keep_alive=False) + FINE)
    return False


async def _too_short(request: Request, writer: asyncio.StreamWriter) -> bool:
    writer.write(head(200, (HTML,), length=20, keep_alive=False) + FINE)
    return False


async def _bad_status_line(request: Request, writer: asyncio.StreamWriter) -> bool:
    writer.write(b"HTTP/1.1 two-hundred FINE\r\nContent-Length: 2\r\n\r\nok")
    return False


async def _no_http(request: Request, writer: asyncio.StreamWriter) -> bool:
    writer.write(b"SSH-2.0-none\r\n\x00\x01\x02\x03\r\n\r\n")
    return False


async def _header_bomb(request: Request, writer: asyncio.StreamWriter) -> bool:
    headers = tuple((f"X-{n}", "x") for n in range(100_000))
    return send(writer, 200, (HTML, *headers), FINE)


async def _long_header(request: Request, writer: asyncio.StreamWriter) -> bool:
    return send(writer, 200, (HTML, ("X-Long", "x" * 4_000_000)), FINE)


async def _calendar(request: Request, writer: asyncio.StreamWriter) -> bool:
    day = int(parse_qs(request.query).get("day", ["0"])[0])
    links = "".join(f'<a href="{Endpoint.CALENDAR}?day={day + n}">+{n}</a> ' for n in range(1, 32))
    return send(writer, 200, (HTML,), f"<title>day {day}</title>{links}".encode())


ODD_ANSWERS: dict[Endpoint, Callable[[Request, asyncio.StreamWriter], Awaitable[bool]]] = {
    Endpoint.SILENT: _silent,
    Endpoint.DRIP: _drip,
    Endpoint.REDIRECT_ENDLESS: _redirect_endless,
    Endpoint.REDIRECT_NOWHERE: _redirect_nowhere,
    Endpoint.HUGE: _huge,
    Endpoint.HUGE_CHUNKED: _huge_chunked,
    Endpoint.RESET: _reset,
    Endpoint.TOO_LONG: _too_long,
    Endpoint.TOO_SHORT: _too_short,
    Endpoint.BAD_STATUS_LINE: _bad_status_line,
    Endpoint.NO_HTTP: _no_http,
    Endpoint.HEADER_BOMB: _header_bomb,
    Endpoint.LONG_HEADER: _long_header,
    Endpoint.CALENDAR: _calendar,
}
