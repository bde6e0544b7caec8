"""A client profile in the browser: what the context is given, and what scripts read."""

from __future__ import annotations

import json
from typing import Any

from playwright.async_api import Page

from core.profile import Profile

_FRAMES = """
(platform => {
  if (navigator.platform !== platform) {
    Object.defineProperty(Navigator.prototype, "platform", {get: () => platform});
  }
})(%s)
"""
"""Frames of other sites run in processes that the page's own session does not reach."""


def context_options(profile: Profile) -> dict[str, Any]:
    """Options of Playwright's `new_context` that differ by profile."""
    width, height = profile.viewport
    return {
        "viewport": {"width": width, "height": height},
        "screen": {"width": width, "height": height},
        "device_scale_factor": profile.device_scale,
        "is_mobile": profile.touch,
        "has_touch": profile.touch,
        "user_agent": profile.user_agent,
        "locale": profile.languages[0],
        "extra_http_headers": {"Accept-Language": profile.accept_language},
    }


async def become(page: Page, profile: Profile) -> None:
    """Make `page`, before it is opened, say of itself what `profile` says: user agent, languages,
    `navigator.platform` and client hints come from one place in the browser, so headers of
    sub-resources and scripts agree.

    https://chromedevtools.github.io/devtools-protocol/tot/Emulation/#method-setUserAgentOverride
    """
    session = await page.context.new_cdp_session(page)
    await session.send(
        "Emulation.setUserAgentOverride",
        {
            "userAgent": profile.user_agent,
            "acceptLanguage": ",".join(profile.languages),
            "platform": profile.script_platform,
            "userAgentMetadata": _metadata(profile),
        },
    )
    await page.add_init_script(_FRAMES % json.dumps(profile.script_platform))


def _metadata(profile: Profile) -> dict[str, Any]:
    full = [{"brand": name, "version": f"{version}.0.0.0"} for name, version in profile.brands]
    return {
        "brands": [{"brand": name, "version": version} for name, version in profile.brands],
        "fullVersionList": full,
        "platform": profile.system,
        "platformVersion": profile.system_version,
        "architecture": "" if profile.touch else "x86",
        "bitness": "" if profile.touch else "64",
        "model": profile.model,
        "mobile": profile.touch,
        "wow64": False,
    }
