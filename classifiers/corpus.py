"""Labelled texts to measure on and to fit to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from classifiers.ruleset import Ruleset
from classifiers.text_document import document_from_text
from core import BadInput, Document

CorpusLabel = Literal["promotion", "borderline", "not_promotion"]


class CorpusRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a corpus file (JSON Lines); further fields are ignored. `weight`: how much the
    text counts when points are fitted; texts made up for training count less than found ones."""

    id: str
    label: CorpusLabel
    text: str
    kind: str = ""
    lang: str = ""
    source: str = ""
    title: str = ""
    urls: tuple[str, ...] = ()
    weight: float = 1.0


class Example(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled document. `group`: texts that must stay on one side of a split."""

    row: CorpusRow
    document: Document
    group: int

    @property
    def promotes(self) -> bool:
        """Whether the text is promotion (borderline ones are neither)."""
        return self.row.label == "promotion"


def load_corpus(path: Path, ruleset: Ruleset, *more: Path) -> list[Example]:
    """The examples of JSON Lines files (or of all `*.jsonl` of a folder), grouped by source
    repository and site network.

    Raises BadInput, naming the line, when a file cannot be read or a row is wrong.
    """
    files = [file for one in (path, *more) for file in _files(one)]
    rows = [row for file in files for row in _rows(file)]
    documents = [document_from_text(r.text, urls=r.urls, title=r.title) for r in rows]
    groups = _groups(rows, documents, ruleset)
    return [
        Example(row=row, document=document, group=group)
        for row, document, group in zip(rows, documents, groups, strict=True)
    ]


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.jsonl")) if path.is_dir() else [path]


def _rows(path: Path) -> list[CorpusRow]:
    rows: list[CorpusRow] = []
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    rows.append(_decode(line, path, number))
    except OSError as error:
        raise BadInput(f"{path}: cannot be read: {error.strerror}") from error
    if not rows:
        raise BadInput(f"{path}: holds no rows", hint="expected JSON Lines with id, label, text")
    return rows


def _decode(line: bytes, path: Path, number: int) -> CorpusRow:
    try:
        return msgspec.json.decode(line, type=CorpusRow)
    except msgspec.MsgspecError as error:
        raise BadInput(f"{path}:{number}: {error}") from error


def _groups(
    rows: Sequence[CorpusRow], documents: Iterable[Document], ruleset: Ruleset
) -> list[int]:
    """One number per row. Rows of one repository share it, and so do repositories that print the
    same invitation link: they belong to one network."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for row, document in zip(rows, documents, strict=True):
        repository = f"source:{row.source.partition(':')[0] or row.id}"
        for url in {*row.urls, *(reference.url for reference in document.references)}:
            for found in ruleset.links.read(url.strip("_*")):
                if found.signal in ("exchange_referral", "referral_shape"):
                    parent[root(f"link:{found.target.strip('_*').lower()}")] = root(repository)
        root(repository)
    numbers: dict[str, int] = {}
    keys = [f"source:{row.source.partition(':')[0] or row.id}" for row in rows]
    return [numbers.setdefault(root(key), len(numbers)) for key in keys]
