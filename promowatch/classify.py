"""`promowatch classify`: judge one text and say why."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from classifiers import classify, document_from_text, load_ruleset
from core.document import Document
from core.errors import BadInput
from crawler.extractors import extract
from crawler.sources import read_saved_page
from promowatch import options
from promowatch.outcome import print_verdict

_PAGES = (".html", ".htm", ".xhtml")


def classify_text(
    source: options.Text,
    on: options.LawOf = "",
    as_json: options.AsJson = False,
    lang: options.Language = "en",
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Judge a text and show label, score, services, legal basis and every point's evidence.

    [bold]Examples[/bold]

      promowatch classify notice.txt --on 2026-02-05

      echo "..." | promowatch classify - --lang zh
    """
    day = options.day(on, options.zone(time_zone))
    document = read_document(source)
    verdict = classify(document, load_ruleset(catalogue), on=day)
    if as_json:
        print(msgspec.json.encode(verdict).decode())
    else:
        print_verdict(document, verdict, lang)


def read_document(source: str) -> Document:
    """The document of a saved page, a text file, or standard input (`-`). Raises BadInput."""
    if source == "-":
        return document_from_text(sys.stdin.read())
    path = Path(source)
    if path.suffix.lower() in _PAGES and path.is_file():
        return extract(read_saved_page(path)).document
    try:
        return document_from_text(path.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror}") from error
