"""The Scrapy project: spiders, sources, extractors, pipelines. The face is one call.

Scrapy is loaded with the first use of a name of the face: the worker processes, which read pictures
and exports and never crawl, are 40 MB smaller without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crawler.run import ScanRun, SpiderName, run_scan, spider_for

__all__ = ["ScanRun", "SpiderName", "run_scan", "spider_for"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from crawler import run

    return getattr(run, name)
