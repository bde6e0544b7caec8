"""What the README's figures come from; each runs alone: `python -m benchmarks.crawl`."""
