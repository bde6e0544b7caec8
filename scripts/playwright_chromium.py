"""Prints where Playwright's own Chromium is, or would be once it is installed."""

from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
