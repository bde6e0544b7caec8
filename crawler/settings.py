"""Scrapy settings of the project. Each changed setting says Scrapy's default and why it moved.

What a target changes (robots, throttling, limits, rendering) is laid over these by
`settings_for`, from one place.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from core.target import Target

BOT_NAME = "promowatch"
SPIDER_MODULES = ["crawler.spiders"]

CONTACT_URL = os.environ.get("PROMOWATCH_CONTACT_URL") or "https://promowatch.example/bot"
"""What the user agent names so that a site's operator can reach the team; each deployment sets its
own with PROMOWATCH_CONTACT_URL."""

USER_AGENT = f"Promowatch/0.1 (+{CONTACT_URL})"

_HERE = Path(__file__).resolve().parent.parent
PROMOWATCH_CATALOGUE = os.environ.get("PROMOWATCH_CATALOGUE") or str(_HERE / "catalogue")
PROMOWATCH_DATA = os.environ.get("PROMOWATCH_DATA") or "data"
PROMOWATCH_RECHECK: list[str] = []
"""Keys of the cases that a scan looks at again: of everything it sees the evidence is kept, what is
not there included, and no other surface becomes a candidate."""

PROMOWATCH_TIME_ZONE = os.environ.get("PROMOWATCH_TIME_ZONE") or "Asia/Shanghai"

# -- what is seen -----------------------------------------------------------------------------
ROBOTSTXT_OBEY = True  # default False (True in templates): politeness is a feature
ROBOTSTXT_USER_AGENT = "Promowatch"  # default None: rules are written for the name alone
METAREFRESH_ENABLED = False  # default True: the extractor records each hop as evidence
REDIRECT_MAX_TIMES = 10  # default 20: chains of promoters have 2-6 hops
COOKIES_ENABLED = False  # default True: every surface is seen as a first visitor sees it

# -- what it may cost -------------------------------------------------------------------------
DOWNLOAD_TIMEOUT = 30  # default 180: a dead page must not hold a scan for minutes
DOWNLOAD_MAXSIZE = 20 * 1024 * 1024  # default 1 GiB
DOWNLOAD_WARNSIZE = 0  # default 32 MiB: the limit above speaks
DOWNLOAD_FAIL_ON_DATALOSS = True
RETRY_TIMES = 1  # default 2: what fails twice is reported as a gap
RETRY_HTTP_CODES = [502, 503, 504, 522, 524, 429]  # default has 500, 408: those are answers

# -- speed (measured, see docs/decisions/0003) ------------------------------------------------
CONCURRENT_REQUESTS = 32  # default 16
CONCURRENT_REQUESTS_PER_DOMAIN = 8
CONCURRENT_ITEMS = 1  # default 100: Scrapy starts this many tasks for every single response
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"  # the spider drops seen links earlier

AUTOTHROTTLE_ENABLED = True  # default False: politeness is a feature
AUTOTHROTTLE_START_DELAY = 0.25  # default 5
AUTOTHROTTLE_MAX_DELAY = 20  # default 60
AUTOTHROTTLE_TARGET_CONCURRENCY = 4.0  # default 1.0
DOWNLOAD_DELAY = 0

# -- safety -----------------------------------------------------------------------------------
DOWNLOAD_VERIFY_CERTIFICATES = True  # default False: a certificate nobody vouches for is a gap
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
TWISTED_DNS_RESOLVER = "crawler.network_guard.GuardedResolver"  # no address the policy refuses
TELNETCONSOLE_ENABLED = False  # default True: no open port
REMOTE_CONTROL_ENABLED = False  # default True: no open port
DOWNLOAD_HANDLERS: dict[str, str | None] = {  # default has more: nothing but HTTP is fetched
    "file": None,
    "ftp": None,
    "s3": None,
    "data": None,
}

DOWNLOADER_MIDDLEWARES: dict[str, int | None] = {
    "crawler.middlewares.LocalFileMiddleware": 10,
    "crawler.middlewares.NetworkGuardMiddleware": 50,
    "crawler.middlewares.RobotsMiddleware": 100,
    "crawler.retry_after.RetryAfterMiddleware": 560,  # sees answers before Scrapy's retrying (550)
    "crawler.middlewares.ScopedRedirectMiddleware": 600,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # see ours
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,  # ours keeps the scope
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # the spider's gate does it
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
    "scrapy.downloadermiddlewares.stats.DownloaderStats": None,  # ours counts what is reported
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,
    "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None,  # the guard sees all
}
SPIDER_MIDDLEWARES: dict[str, int | None] = {
    "scrapy.spidermiddlewares.urllength.UrlLengthMiddleware": None,  # bounded by the extractor
    "scrapy.spidermiddlewares.httperror.HttpErrorMiddleware": None,  # a 404 or 500 is a gap
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,  # the spider counts links from a seed
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,  # which page led here is private
    "scrapy.spidermiddlewares.start.StartSpiderMiddleware": None,
}
ITEM_PIPELINES: dict[str, int] = {
    "crawler.pipelines.classify.ClassifyPipeline": 100,
    "crawler.pipelines.profiles.ProfilesPipeline": 150,
    "crawler.pipelines.evidence.EvidencePipeline": 200,
    "crawler.pipelines.persist.PersistPipeline": 300,
}
EXTENSIONS: dict[str, int | None] = {
    "scrapy.extensions.memusage.MemoryUsage": None,
    "scrapy.extensions.logstats.LogStats": None,
}

LOG_LEVEL = "INFO"  # default DEBUG


def settings_for(target: Target) -> dict[str, Any]:
    """What `target` changes in the settings above."""
    polite, limits = target.politeness, target.limits
    changed: dict[str, Any] = {
        "ROBOTSTXT_OBEY": polite.obey_robots,
        "AUTOTHROTTLE_ENABLED": polite.autothrottle,
        "DOWNLOAD_DELAY": polite.delay_seconds,
        "CONCURRENT_REQUESTS_PER_DOMAIN": polite.concurrent_requests_per_host,
        "DOWNLOAD_TIMEOUT": limits.timeout_seconds,
        "DOWNLOAD_MAXSIZE": limits.max_response_bytes,
        "REDIRECT_MAX_TIMES": limits.max_redirects,
    }
    if polite.user_agent:
        changed["USER_AGENT"] = polite.user_agent
    if target.rendering != "never":
        handler = "crawler.browser_handler.GuardedBrowserHandler"
        changed["DOWNLOAD_HANDLERS"] = {**DOWNLOAD_HANDLERS, "http": handler, "https": handler}
        changed["PROMOWATCH_MAX_TUNNEL_BYTES"] = limits.max_tunnel_bytes
        changed["PLAYWRIGHT_MAX_PAGES_PER_CONTEXT"] = polite.concurrent_requests_per_host
        changed["PLAYWRIGHT_DOWNLOAD_TIMEOUT"] = 2_000  # default 30,000: no download is taken
        changed["PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT"] = limits.render_seconds * 1000
    return changed
