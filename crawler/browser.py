"""Everything that knows Playwright: which Chromium, how it is started, what is taken of a page.

The browser is started only when the first page needs it. All its traffic goes through the guard
proxy of `crawler.browser_proxy`, which resolves, checks and connects; nothing goes around it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeout
from scrapy.http import Response
from scrapy_playwright.page import PageMethod

from core.gap import Gap
from core.profile import Profile
from core.target import Limits
from crawler.browser_page import PageWatch
from crawler.browser_profile import context_options
from crawler.browser_view import SCREENSHOT_WIDTH, View, always

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_ARGUMENTS = (
    "--disable-quic",  # QUIC would go around the proxy
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",  # read by Chromium
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # read by its headless shell
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # names are the proxy's business
    "--dns-prefetch-disable",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-gpu",
    "--no-first-run",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
)
ONE_VISIT = "one_visit"
"""Request meta: the browser context is closed after this page."""
VIEW = "view"
"""Response meta: what `look` saw."""

_SETTLE_MILLISECONDS = 4_000


def chromium_path() -> str | None:
    """The Chromium on PATH that starts, or None: then Playwright's own is used."""
    named = os.environ.get("PROMOWATCH_CHROMIUM")
    found = (path for name in CHROMIUM_NAMES if (path := shutil.which(name)))
    return named or next((path for path in found if _starts(path)), None)


def _starts(path: str) -> bool:
    """Whether the program at `path` tells its version; a snap's stub alone does not."""
    try:
        asked = subprocess.run([path, "--version"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def launch_options(proxy: str) -> dict[str, Any]:
    """How Chromium is started behind `proxy`. Root cannot use Chromium's own sandbox."""
    arguments = list(_ARGUMENTS)
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    options: dict[str, Any] = {"headless": True, "args": arguments, "handle_sigint": False}
    options["ignore_default_args"] = ["--disable-popup-blocking"]
    options["proxy"] = {"server": proxy, "bypass": "<-loopback>"}  # no way around it for loopback
    path = chromium_path()
    if path:
        options["executable_path"] = path
    return options


async def settle(page: Page) -> None:
    """Wait until the page stops fetching, but not for ever: some never do."""
    try:
        await page.wait_for_load_state("networkidle", timeout=_SETTLE_MILLISECONDS)
    except PlaywrightTimeout:
        return


def render_meta(
    admits: Callable[[str], bool],
    limits: Limits,
    profile: Profile | None = None,
    wanted: Callable[[Response], bool] | None = always,
) -> dict[str, Any]:
    """Request meta that makes the browser handler render a page, as the visitor `profile` where
    one is given, and take its picture where it draws something or the response is `wanted` so
    (None: never).

    What the page may do is said in `crawler.browser_page`; see `left_for` and `page_gaps`.
    """
    watch = PageWatch(admits, limits, profile)
    return {
        "playwright": True,
        "playwright_page_init_callback": watch.watch,
        "watch": watch,
        "playwright_context_kwargs": {
            "viewport": {"width": SCREENSHOT_WIDTH, "height": 900},
            "accept_downloads": False,
            "permissions": [],  # all are refused; without this, sensors and clipboard are granted
            "service_workers": "block",
            "ignore_https_errors": False,
            "java_script_enabled": True,
            **(context_options(profile) if profile is not None else {}),
        },
        "playwright_page_goto_kwargs": {"referer": profile.referer}
        if profile is not None and profile.referer
        else {},
        "playwright_include_page": True,  # closing it is the handler's business
        "playwright_page_methods": [PageMethod(settle)],
        "device_scale": profile.device_scale if profile is not None else 1.0,
        "picture_wanted": wanted,
    }


def left_for(meta: dict[str, Any]) -> tuple[str, ...]:
    """Addresses outside the scope that a rendered page tried to take its visitor to."""
    watch = meta.get("watch")
    return tuple(dict.fromkeys(watch.departures)) if isinstance(watch, PageWatch) else ()


def page_gaps(meta: dict[str, Any]) -> list[Gap]:
    """What a rendered page asked for beyond its budgets."""
    watch = meta.get("watch")
    return watch.gaps() if isinstance(watch, PageWatch) else []


def view_of(meta: dict[str, Any]) -> View | None:
    """The view of a page, from the meta of the request that was rendered."""
    taken = meta.get(VIEW)
    return taken if isinstance(taken, View) else None
