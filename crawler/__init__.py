"""The Scrapy project: spiders, sources, extractors, pipelines. The face is one call."""

from crawler.frontier import Earlier
from crawler.run import ScanRun, SpiderName, run_scan, spared_collector, spider_for

__all__ = ["Earlier", "ScanRun", "SpiderName", "run_scan", "spared_collector", "spider_for"]
