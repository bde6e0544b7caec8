"""The Scrapy project: spiders, sources, extractors, pipelines. The face is one call."""

from crawler.run import ScanRun, SpiderName, run_scan, spider_for

__all__ = ["ScanRun", "SpiderName", "run_scan", "spider_for"]
