"""Pages that misbehave in a browser, and one that behaves: `with HostilePages() as site:`.

The site serves on 127.0.0.3; what must never be reached listens on 127.0.0.1 (`Secrets`).
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.site.loopback import LoopbackServer, Request, head
from tests.site.odd_answers import HTML, send

HOST = "127.0.0.3"
CALM = "今天多云，东南风三级，傍晚有小雨。"


def _script(code: str) -> str:
    return f"<p>{CALM}</p><script>{code}</script>"


PAGES = {
    "calm": f"<p>{CALM}</p>",
    "loop": _script("while (true) {}"),
    "late loop": _script("setTimeout(() => { while (true) {} }, 300)"),
    "memory": _script(
        "const kept = []; for (;;) { const b = new Uint8Array(5e7); b.fill(7); kept.push(b) }"
    ),
    "objects": _script("const kept = []; for (let n = 0;; n++) kept.push({n, text: 'x' + n})"),
    "elements": _script(
        "for (;;) { const d = document.createElement('p'); d.textContent = 'x';"
        "document.body.append(d) }"
    ),
    "dialogs": _script("while (true) { alert(1); confirm(2); prompt(3) }"),
    "late dialogs": _script("setTimeout(() => { while (true) alert(1) }, 300)"),
    "print": _script("setInterval(() => print(), 10)"),
    "beforeunload": _script(
        "onbeforeunload = e => { e.preventDefault(); return 'stay' };"
        "setTimeout(() => { location = '/calm?left' }, 100)"
    ),
    "windows": _script("setInterval(() => { window.open('/calm?w'); window.open() }, 1)"),
    "navigation": _script("location = '/navigation?' + Math.random()"),
    "late navigation": _script(
        "setTimeout(() => { location = '/late-navigation?' + Math.random() }, 50)"
    ),
    "history": _script("setInterval(() => history.pushState(0, '', '/calm?' + Math.random()), 0)"),
    "frames": _script(
        "for (let n = 0; n < 300; n++) { const f = document.createElement('iframe');"
        "f.src = '/frame?' + n; document.body.append(f) }"
    ),
    "requests": _script("for (let n = 0; n < 1500; n++) fetch('/call?' + n).catch(() => 0)"),
    "download": _script(
        "const a = document.createElement('a'); a.href = '/attachment'; a.download = 'x.exe';"
        "document.body.append(a); a.click()"
    ),
    "early download": "<img src='/later'>"
    + _script("const a = document.createElement('a'); a.href = '/attachment'; a.click()"),
    "closing": _script("window.close()"),
    "blob": _script("location = URL.createObjectURL(new Blob(['<p>x'], {type: 'text/html'}))"),
    "data": _script("location = 'data:text/html,<p>x'"),
    "file": _script("location = 'file:///etc/passwd'"),
    "chrome": _script("location = 'chrome://version'"),
    "source": _script("location = 'view-source:http://127.0.0.3/calm'"),
    "ftp": _script("location = 'ftp://127.0.0.1/'"),
    "blank": _script("location = 'about:blank'"),
    "script": _script("location = 'javascript:document.title=1'"),
}  # fmt: skip
"""What each page holds; the page stands at `/` and its name, blanks as `-`."""


def path_of(name: str) -> str:
    return "/" + name.replace(" ", "-")


class HostilePages(LoopbackServer):
    """The pages; also `/stream` (never ends), `/flood` (endless bytes), `/attachment`, `/sw.js`,
    `/later` (a second late) and `/to?scheme...` (a redirect to what the query says)."""

    def __init__(self, pages: dict[str, str] | None = None) -> None:
        super().__init__(self._answer, hosts=(HOST,))
        self.asked: list[str] = []
        self._pages = {path_of(name): page for name, page in (pages or PAGES).items()}

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        self.asked.append(request.path)
        if request.path in self._pages:
            page = f"<!DOCTYPE html><title>天气</title>{self._pages[request.path]}"
            return send(writer, 200, (HTML,), page.encode())
        if request.path == "/to":
            return send(writer, 302, (HTML, ("Location", request.query)), b"")
        if request.path == "/attachment":
            kind = ("Content-Type", "application/octet-stream")
            return send(writer, 200, (kind, ("Content-Disposition", "attachment")), b"MZ" * 99)
        if request.path == "/later":
            await asyncio.sleep(1)
        if request.path == "/stream":
            return await _stream(writer)
        if request.path == "/flood":
            return await _flood(writer)
        if request.path == "/sw.js":
            return send(writer, 200, (("Content-Type", "text/javascript"),), b"onfetch = () => 0")
        return send(writer, 404, (HTML,), b"")


async def _stream(writer: asyncio.StreamWriter) -> bool:
    writer.write(head(200, (HTML, ("Transfer-Encoding", "chunked")), length=None))
    writer.write(b"3\r\n<p>\r\n")
    await writer.drain()
    await asyncio.Event().wait()
    return False


async def _flood(writer: asyncio.StreamWriter) -> bool:
    writer.write(head(200, (HTML, ("Transfer-Encoding", "chunked")), length=None))
    piece = b"<p>" + b"x" * 65_533
    for _ in itertools.count():
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        await writer.drain()
    return False


class Secrets:
    """What listens on 127.0.0.1, TCP and UDP at one port; `reached` says who came."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.reached: list[str] = []
        self._heard = threading.Condition()

    def hear(self, protocol: str) -> None:
        """Note that somebody came."""
        with self._heard:
            self.reached.append(protocol)
            self._heard.notify_all()

    def wait_for(self, count: int) -> None:
        """Return when so many have come, or after ten seconds."""
        with self._heard:
            self._heard.wait_for(lambda: len(self.reached) >= count, timeout=10)


@contextmanager
def secrets_at_loopback() -> Iterator[Secrets]:
    """Listen on 127.0.0.1 and ::1 until the block ends; nothing is answered."""
    plain = socket.create_server(("127.0.0.1", 0))
    secrets = Secrets(plain.getsockname()[1])
    listeners = [plain]
    if socket.has_ipv6:
        listeners.append(socket.create_server(("::1", secrets.port), family=socket.AF_INET6))
    datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    datagrams.bind(("127.0.0.1", secrets.port))
    threads = [threading.Thread(target=_accept, args=(one, secrets)) for one in listeners]
    threads.append(threading.Thread(target=_receive, args=(datagrams, secrets)))
    for thread in threads:
        thread.start()
    try:
        yield secrets
    finally:
        for one in (*listeners, datagrams):
            with contextlib.suppress(OSError):  # not connected; its reader wakes all the same
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in threads:
            thread.join()


def _accept(listener: socket.socket, secrets: Secrets) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        secrets.hear("TCP")
        connection.close()


def _receive(datagrams: socket.socket, secrets: Secrets) -> None:
    while True:
        try:
            received, _ = datagrams.recvfrom(2_048)
        except OSError:
            return
        if not received:
            return
        secrets.hear("UDP")
