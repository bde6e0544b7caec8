"""What the classifier costs, on one core and in one run: `python -m benchmarks.classify`.

MB are UTF-8. (a) the automaton alone (ahocorasick-rs, and hyperscan where it is installed)
on folded text; (b) folding and matching with every transform on; (c) the whole `classify` on
pages; then the cost of ten times the terms, and of hostile text. Texts are this project's own.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import msgspec
import yaml
from ahocorasick_rs import AhoCorasick

from classifiers import Ruleset, classify, load_ruleset
from classifiers.gather import find_passages
from classifiers.matcher import find_words
from classifiers.normalise import fold
from core import Block, Document, Locator, Reference

ROOT = Path(__file__).parents[1]
ON = date(2026, 7, 1)
BLOCKS = 100
BLOCK_CHARS = 30
LINKS = 54
LURES = 12
ROUNDS = 5
HOSTILE_CHARS = 3_400_000
"""About 10 MB of Chinese text."""


def sentences(name: str) -> list[str]:
    """The project's own texts of one label, line by line."""
    path = ROOT / "tests" / "classifiers" / "texts" / f"{name}.yaml"
    sections = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        line for texts in sections.values() for text in texts for line in text.splitlines() if line
    ]


def ordinary_pages() -> list[list[str]]:
    """The lines of each clear page of the demonstration site: town news, shops, recipes."""
    found = []
    for path in sorted((ROOT / "tests" / "site" / "content" / "clear").glob("*.html")):
        body = path.read_text(encoding="utf-8").rpartition("---")[2]
        lines = [re.sub(r"<[^>]*>", "", line).strip() for line in body.splitlines()]
        found.append([line for line in lines if len(line) > 8])
    return [lines for lines in found if lines]


def page(lines: list[str], chance: random.Random) -> Document:
    """A page of a hundred blocks, about 8 KB of text and 54 links, most of them its own."""
    blocks = []
    for number in range(BLOCKS):
        line = chance.choice(lines)
        blocks.append(Block("visible", line[: BLOCK_CHARS * 3], Locator(f"p[{number}]")))
    references = tuple(
        Reference(
            "link",
            f"https://town.example.com/{chance.choice(('news', 'life', 'shop'))}/{number}.html",
            Locator(f"a[{number}]"),
            "阅读全文",
            number,
        )
        for number in range(LINKS)
    )
    return Document(
        surface="marketing_page",
        url="https://town.example.com/",
        blocks=tuple(blocks),
        references=references,
    )


def best_seconds(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """CPU seconds of the fastest of `rounds` runs."""
    seconds = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        seconds.append(time.process_time() - began)
    return min(seconds)


def hyperscan_scan(patterns: list[str], text: str) -> Callable[[], object] | None:
    """A scan of `text` by hyperscan over the same patterns, or None where it is not installed."""
    if find_spec("hyperscan") is None:
        return None
    hyperscan = import_module("hyperscan")
    database = hyperscan.Database()
    encoded = [pattern.encode() for pattern in patterns]
    escaped = [b"".join(b"\\x%02x" % byte for byte in pattern) for pattern in encoded]
    database.compile(
        expressions=escaped,
        ids=list(range(len(escaped))),
        elements=len(escaped),
        flags=[0] * len(escaped),
    )
    data = text.encode()
    return lambda: database.scan(data, match_event_handler=lambda *_: None)


def random_terms(count: int, chance: random.Random) -> list[str]:
    """Distinct terms of two to six ideographs."""
    terms: set[str] = set()
    while len(terms) < count:
        terms.add(
            "".join(chr(chance.randrange(0x4E00, 0x9FA5)) for _ in range(chance.randint(2, 6)))
        )
    return sorted(terms)


def text_of(documents: Iterable[Document]) -> str:
    return "\n".join(block.text for document in documents for block in document.blocks)


class Figures(msgspec.Struct):
    """MB/s unless the name says otherwise; by kind of page where it is a table.

    `quiet` pages hold nothing that any rule could rest on (most of the web), `near` ones talk of
    virtual currency, warn of it or use its words otherwise, `promoting` ones carry offers.
    """

    patterns: int
    automaton: dict[str, float]
    hyperscan: dict[str, float | None]
    fold: dict[str, float]
    fold_and_match: dict[str, float]
    classify: dict[str, float]
    page_milliseconds: dict[str, float]
    terms_50k_to_5k: float
    hostile_to_near: dict[str, float]


def page_kinds(ruleset: Ruleset, chance: random.Random) -> dict[str, list[Document]]:
    """Pages of each kind, from this project's texts."""
    clear, promoting = ordinary_pages(), sentences("promotion")
    samples = [page(lines, chance) for lines in clear for _ in range(4)]
    quiet = [d for d in samples if find_passages(d, ruleset) is None]
    near = [d for d in samples if find_passages(d, ruleset) is not None]
    lures = [page([*chance.choice(clear), *promoting], chance) for _ in range(LURES)]
    return {"quiet": quiet, "near": near, "promoting": lures}


def measure(ruleset: Ruleset) -> Figures:
    """All figures of one run."""
    chance = random.Random(20_261_122)
    kinds = page_kinds(ruleset, chance)
    texts = {kind: text_of(documents) * 4 for kind, documents in kinds.items()}
    size = {kind: len(text.encode()) / 1e6 for kind, text in texts.items()}
    folded = {kind: fold(text).text for kind, text in texts.items()}
    seconds = {
        kind: best_seconds(lambda d=documents: [classify(one, ruleset, ON) for one in d])
        for kind, documents in kinds.items()
    }
    few, many = (AhoCorasick(random_terms(count, chance)) for count in (5_000, 50_000))
    return Figures(
        patterns=len(ruleset.patterns),
        automaton={k: _rate(t, _scan(ruleset.automaton, t)) for k, t in folded.items()},
        hyperscan={
            k: _rate(t, scan) if (scan := hyperscan_scan(ruleset.patterns, t)) else None
            for k, t in folded.items()
        },
        fold={k: _rate(t, lambda t=t: fold(t)) for k, t in texts.items()},
        fold_and_match={
            k: _rate(t, lambda t=t: find_words(fold(t), ruleset)) for k, t in texts.items()
        },
        classify={k: size[k] / 4 / seconds[k] for k in kinds},
        page_milliseconds={k: 1e3 * seconds[k] / len(kinds[k]) for k in kinds},
        terms_50k_to_5k=best_seconds(_scan(many, folded["near"]))
        / best_seconds(_scan(few, folded["near"])),
        hostile_to_near=hostile_ratios(texts["near"], ruleset),
    )


def _scan(automaton: AhoCorasick, text: str) -> Callable[[], object]:
    return lambda: automaton.find_matches_as_indexes(text, overlapping=True)


def _rate(text: str, work: Callable[[], object]) -> float:
    return len(text.encode()) / 1e6 / best_seconds(work)


def hostile_ratios(text: str, ruleset: Ruleset) -> dict[str, float]:
    """CPU of 10 MB of hostile text, as one block, to that of 10 MB of ordinary text."""

    def cost(sample: str) -> float:
        repeated = (sample * (HOSTILE_CHARS // len(sample) + 1))[:HOSTILE_CHARS]
        document = Document(
            surface="marketing_page", url="", blocks=(Block("visible", repeated, Locator("p")),)
        )
        return best_seconds(lambda: classify(document, ruleset, ON), rounds=1)

    ordinary = cost(text)
    samples = {
        "one character": "币",
        "near matches": "币安币按比特币币安全",
        "doubled": "币币安安",
        "separators": "币-",
    }
    return {name: cost(sample) / ordinary for name, sample in samples.items()}


def main() -> None:
    figures = msgspec.to_builtins(measure(load_ruleset(ROOT / "catalogue")))
    if "--json" in sys.argv:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for name, value in figures.items():
        for key, figure in value.items() if isinstance(value, dict) else [("", value)]:
            shown = "not installed" if figure is None else f"{figure:,.2f}"
            print(f"{name:<20}{key:<16}{shown:>14}")


if __name__ == "__main__":
    main()
