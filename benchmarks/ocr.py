"""How well and how fast words in banners and posters are read.

    python benchmarks/ocr.py [--each 10] [--seed 7]

Draws a seeded set (nine kinds), reads it in this process with one thread as the worker does, and
prints for each kind the share of characters read right (1 - edit distance / length; blanks and
full-width forms do not count) and seconds per banner. Exit status 1 when the clean kinds are below
98 %. Needs the extra `ocr` and a Chinese font (fonts-noto-cjk).
"""

from __future__ import annotations

import argparse
import resource
import statistics
import sys
import time
import unicodedata
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.banners import CLEAN, KINDS, Banner, drawn_set
from core.target import Limits
from crawler.extractors import load_engine, read_lines, reader_version

AIM = 0.98


class Read(NamedTuple):
    """What came of one banner."""

    kind: str
    right: float
    seconds: float
    cpu_seconds: float


def bare(text: str) -> str:
    """`text` as it is compared: compatibility forms folded, blanks left out."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def distance(left: str, right: str) -> int:
    """Least number of characters to change, add or leave out to get from one to the other."""
    row = list(range(len(right) + 1))
    for i, one in enumerate(left, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(right, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (one != other))
    return row[-1]


def read(banner: Banner) -> Read:
    """Reads `banner` once and compares."""
    begun, cpu = time.perf_counter(), time.process_time()
    lines = read_lines(banner.body, Limits())
    seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu
    said, wanted = bare("".join(line.text for line in lines)), bare(banner.said)
    right = max(0.0, 1 - distance(said, wanted) / len(wanted))
    return Read(banner.kind, right, seconds, cpu_seconds)


def line(name: str, rows: list[Read]) -> str:
    """One line of the table."""
    right = statistics.fmean(row.right for row in rows)
    whole = sum(row.right == 1 for row in rows)
    wall = statistics.median(row.seconds for row in rows)
    cpu = statistics.median(row.cpu_seconds for row in rows)
    return f"{name:22}{len(rows):8}{right:12.1%}{whole:10}{wall:12.2f}{cpu:10.2f}"


def main() -> int:
    """Prints the table; exit status 1 when clean banners are read worse than the aim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    load_engine()
    rows = [read(banner) for banner in drawn_set(arguments.seed, arguments.each)]
    print(f"{reader_version()}, {len(rows)} banners, seed {arguments.seed}")
    print(
        f"{'kind':22}{'banners':>8}{'characters':>12}{'all right':>10}{'s median':>12}{'s CPU':>10}"
    )
    for kind in KINDS:
        print(line(kind, [row for row in rows if row.kind == kind]))
    clean = [row for row in rows if row.kind in CLEAN]
    print(line("clean kinds", clean))
    print(line("all", rows))
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024:.0f} MB")
    return 0 if statistics.fmean(row.right for row in clean) >= AIM else 1


if __name__ == "__main__":
    sys.exit(main())
