"""A rendered page as its reader sees it, asked of the browser itself, not of scripts in the page,
which a page may bend.

A picture of a long page costs more than drawing the page, so it is taken only of a page that shows
what its source does not say, or that a person will want to see.
"""

from __future__ import annotations

import asyncio
import base64
import math
import re
from collections.abc import Callable

import msgspec
from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout
from scrapy.http import Response

from core.capture import Box
from crawler.page_layout import element_boxes

MOST_VIEW_BYTES = 64 * 1024 * 1024
"""More than the picture of any page can have: 1,280 x 8,000 pixels of noise are 31 MB."""

SCREENSHOT_WIDTH = 1_280
_SCREENSHOT_HEIGHT = 8_000
_LOOK_SECONDS = 10.0

_DRAWN = re.compile(r"<(?:canvas|video|iframe|frame|object|embed)[\s>/]", re.IGNORECASE)
_SHADOW = "<template shadowrootmode="
_CHARACTERS = re.compile(r"(?:[\u2580-\u259f][^\u2580-\u259f]{0,20}){60}")
"""A QR code in block characters: each stands for two or four of its modules."""

_LONG_STYLE = 1_500
"""Characters: one shadow or gradient has under 100; a code drawn with them has thousands."""
_MODULES = 200
"""Small boxes of one size; the smallest QR code has 441 modules, about half of them dark."""
_MODULE_SIDE = 24
"""CSS pixels."""

_PAINTS = f"""(() => {{
  const boxes = new Map();
  for (const element of document.querySelectorAll("body, body *")) {{
    const style = getComputedStyle(element);
    const [image, shadow] = [style.backgroundImage, style.boxShadow];
    if (image.includes("url(") || image.length + shadow.length > {_LONG_STYLE}) return true;
    const [width, height] = [element.offsetWidth, element.offsetHeight];
    if (!width || !height || width > {_MODULE_SIDE} || height > {_MODULE_SIDE}) continue;
    const alike = (boxes.get(width * 1000 + height) || 0) + 1;
    if (alike >= {_MODULES}) return true;
    boxes.set(width * 1000 + height, alike);
  }}
  return false;
}})()"""
"""Whether style sheets put pictures, or codes made of shadows, gradients or boxes, on the page.
(A snapshot of its styles says the same, but to unpack that costs more than to draw the page.)"""


class View(msgspec.Struct, frozen=True):
    """A PNG picture of a page from its top down, and where in it each element stands."""

    picture: bytes
    boxes: tuple[tuple[str, Box], ...]


def always(_: Response) -> bool:
    """A picture of every page."""
    return True


async def look(
    page: Page,
    response: Response,
    device_scale: float = 1.0,
    wanted: Callable[[Response], bool] = always,
) -> tuple[Response, View | None]:
    """The `response` of a rendered page with the words of its shadow trees, and its view where the
    page draws something or `wanted` says so of the response.

    The picture has one pixel to one of CSS; `device_scale` is how many the device has for one.
    Raises playwright's TimeoutError and Error.
    """
    try:
        return await asyncio.wait_for(_looked(page, response, device_scale, wanted), _LOOK_SECONDS)
    except TimeoutError as error:
        raise PlaywrightTimeout(f"no picture of the page: Timeout {_LOOK_SECONDS:g} s") from error


async def _looked(
    page: Page, response: Response, device_scale: float, wanted: Callable[[Response], bool]
) -> tuple[Response, View | None]:
    browser = await page.context.new_cdp_session(page)
    try:
        html = await _html(browser)
        if _SHADOW in html:
            response = response.replace(body=html.encode())
        if not await _draws(browser, html) and not wanted(response):
            return response, None
        return response, await _viewed(page, browser, device_scale)
    finally:
        await browser.detach()


async def _html(browser: CDPSession) -> str:
    """The page's HTML, each shadow tree, open or closed, in a `<template shadowrootmode>`."""
    root = (await browser.send("DOM.getDocument", {"depth": 0}))["root"]
    whole = {"nodeId": root["nodeId"], "includeShadowDOM": True}
    html: str = (await browser.send("DOM.getOuterHTML", whole))["outerHTML"]
    return html


async def _draws(browser: CDPSession, html: str) -> bool:
    """Whether a page shows what cannot be read in its source: what scripts paint, other documents,
    shadow trees, backgrounds, codes made of characters, shadows, gradients or small boxes."""
    if _SHADOW in html or _DRAWN.search(html) or _CHARACTERS.search(html):
        return True
    tree = await browser.send("Page.getFrameTree")
    frame = {"frameId": tree["frameTree"]["frame"]["id"]}
    world = await browser.send("Page.createIsolatedWorld", frame)  # the page bends its own only
    asked = {"expression": _PAINTS, "contextId": world["executionContextId"]}
    answer = await browser.send("Runtime.evaluate", asked)
    return answer["result"].get("value") is not False


async def _viewed(page: Page, browser: CDPSession, device_scale: float) -> View:
    metrics = await browser.send("Page.getLayoutMetrics")
    height = max(1, min(math.ceil(metrics["cssContentSize"]["height"]), _SCREENSHOT_HEIGHT))
    width = page.viewport_size["width"] if page.viewport_size else SCREENSHOT_WIDTH
    snapshot = await browser.send("DOMSnapshot.captureSnapshot", {"computedStyles": []})
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1 / device_scale}
    how = {"format": "png", "optimizeForSpeed": True, "captureBeyondViewport": True, "clip": clip}
    try:
        taken = await browser.send("Page.captureScreenshot", how)
    except PlaywrightError:
        # a page that is being laid out anew has no picture for that moment
        taken = await browser.send("Page.captureScreenshot", how)
    return View(base64.b64decode(taken["data"]), element_boxes(snapshot, (width, height)))
