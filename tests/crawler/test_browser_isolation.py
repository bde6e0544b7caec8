"""A page that tries every way out of the browser: nothing reaches loopback, nothing is granted."""

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from playwright.async_api import async_playwright

from core.target import Limits
from crawler.browser import launch_options, render_meta
from crawler.browser_proxy import GuardProxy
from crawler.network_guard import AddressPolicy, activate, active_policy
from tests.site.hostile_pages import HOST, HostilePages, secrets_at_loopback

HOSTS = (
    "127.0.0.1", "localhost", "localhost.", "any.localhost", "127.1", "2130706433", "0x7f.1",
    "0x7f000001", "0177.0.0.1", "017700000001", "127.0.0.1.", "[::1]", "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "0.0.0.0", "0",
    "127。0。0。1", "①②⑦.0.0.1", "%31%32%37.0.0.1",
)  # fmt: skip
_ELEMENTS = """
<link rel="dns-prefetch" href="//HOST:PORT"><link rel="preconnect" href="http://HOST:PORT">
<link rel="prefetch" href="http://HOST:PORT/prefetch"><img src="http://HOST:PORT/picture">
<link rel="stylesheet" href="http://HOST:PORT/style"><script src="http://HOST:PORT/script"></script>
<iframe src="http://HOST:PORT/frame"></iframe><video src="http://HOST:PORT/video"></video>
<object data="http://HOST:PORT/object"></object><img src="https://HOST:PORT/picture">
<img src="/to?http://HOST:PORT/redirected">
<form id="form" target="sink" method="post" action="http://HOST:PORT/form"></form>
"""
_CALLS = """
const place = 'HOST:PORT';
for (const scheme of ['ws', 'wss']) try { new WebSocket(`${scheme}://${place}/`) } catch {}
fetch(`http://${place}/fetch`, {mode: 'no-cors'}).catch(() => 0);
navigator.sendBeacon(`http://${place}/beacon`, 'x');
new EventSource(`http://${place}/events`);
try { new WebTransport(`https://${place}/`).ready.catch(() => 0) } catch {}
const code = new Blob([`importScripts('http://${place}/worker')`]);
try { new Worker(URL.createObjectURL(code)) } catch {}
"""
_PEER = """
const turn = {username: 'a', credential: 'b'};
const peer = new RTCPeerConnection({iceServers: [
  {urls: 'stun:127.0.0.1:PORT'}, {urls: 'stun:localhost:PORT'},
  {urls: 'turn:127.0.0.1:PORT?transport=udp', ...turn},
  {urls: 'turn:127.0.0.1:PORT?transport=tcp', ...turn}, {urls: 'turns:127.0.0.1:PORT', ...turn}]});
peer.createDataChannel('x');
window.candidates = [];
peer.onicecandidate = e => { if (e.candidate) window.candidates.push(e.candidate.candidate) };
window.gathered = new Promise(done => {
  peer.onicegatheringstatechange = () => peer.iceGatheringState === 'complete' && done(true) });
peer.createOffer().then(offer => peer.setLocalDescription(offer));
"""
_RIGHTS = (
    "geolocation", "notifications", "clipboard-read", "clipboard-write", "camera", "microphone",
    "midi", "persistent-storage", "background-sync", "accelerometer", "gyroscope", "magnetometer",
    "screen-wake-lock", "local-fonts", "window-management", "idle-detection", "payment-handler",
)  # fmt: skip
_ASK = """async names => {
  const states = {};
  for (const name of names) states[name] = (await navigator.permissions.query({name})).state;
  return states }"""
_KEPT = """async () => {
  await navigator.serviceWorker?.register('/sw.js').catch(() => 0);
  return (await navigator.serviceWorker?.getRegistrations() ?? []).length }"""


class _Escape(msgspec.Struct, frozen=True):
    reached: tuple[str, ...]
    candidates: list[str]
    rights: dict[str, str]
    workers_kept: int
    asked: tuple[str, ...]
    refused: frozenset[str]


def _escaping_page(port: int) -> str:
    parts = [_ELEMENTS.replace("HOST", host) for host in HOSTS]
    parts += [f"<script>{{{_CALLS.replace('HOST', host)}}}</script>" for host in HOSTS]
    parts += ['<iframe name="sink"></iframe><script>document.forms[0].submit()</script>']
    return "".join([*parts, f"<script>{_PEER}</script>"]).replace("PORT", str(port))


async def _drawn(url: str) -> dict[str, Any]:
    """What the page at `url` finds in a browser that is started as the product starts it."""
    activate(AddressPolicy([HOST]))
    proxy = GuardProxy()
    context_options = render_meta(lambda _: True, Limits())["playwright_context_kwargs"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options(await proxy.start()))
        context = await browser.new_context(**context_options)
        page = await context.new_page()
        await page.goto(url, wait_until="load")
        await page.evaluate("window.gathered")
        found = {
            "candidates": await page.evaluate("window.candidates"),
            "rights": await page.evaluate(_ASK, list(_RIGHTS)),
            "workers_kept": await page.evaluate(_KEPT),
        }
        await page.close()
        await context.close()
        await browser.close()
    await proxy.close()
    return found


@pytest.fixture(scope="module")
def escape() -> Iterator[_Escape]:
    with secrets_at_loopback() as secrets:
        with HostilePages({"escape": _escaping_page(secrets.port)}) as site:
            found = asyncio.run(_drawn(f"{site.url}escape"))
            asked = tuple(site.asked)
        reached = tuple(secrets.reached)
    refused = frozenset(active_policy().refused)
    activate(AddressPolicy())
    yield _Escape(reached, asked=asked, refused=refused, **found)


def test_no_way_out_leads_to_loopback(escape: _Escape) -> None:
    assert escape.reached == ()
    assert "/escape" in escape.asked


def test_every_spelling_came_to_the_proxy_and_was_refused(escape: _Escape) -> None:
    assert escape.refused >= {
        "127.0.0.1", "localhost", "::1", "::ffff:7f00:1", "::7f00:1", "64:ff9b::7f00:1",
        "2002:7f00:1::", "0.0.0.0",
    }  # fmt: skip


def test_redirects_of_sub_resources_were_tried(escape: _Escape) -> None:
    assert "/to" in escape.asked


def test_webrtc_shows_no_address_of_this_machine(escape: _Escape) -> None:
    assert escape.candidates == []


@pytest.mark.parametrize("right", _RIGHTS)
def test_no_permission_is_granted(escape: _Escape, right: str) -> None:
    assert escape.rights[right] == "denied"


def test_no_service_worker_is_kept(escape: _Escape) -> None:
    assert escape.workers_kept == 0
    assert "/sw.js" not in escape.asked


def test_the_listeners_hear_who_does_come() -> None:
    """The control: without it, a deaf listener would make the tests above pass."""

    async def call(port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=("127.0.0.1", port)
        )
        transport.sendto(b"x")
        transport.close()

    with secrets_at_loopback() as secrets:
        asyncio.run(call(secrets.port))
        secrets.wait_for(2)
    assert sorted(secrets.reached) == ["TCP", "UDP"]
