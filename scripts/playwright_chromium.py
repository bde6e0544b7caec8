"""Prints where Playwright's own Chromium is, or would be once it is installed."""

import sys

from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    sys.stdout.write(playwright.chromium.executable_path)
