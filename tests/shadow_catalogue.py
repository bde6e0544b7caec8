"""The shipped catalogue with a shadow rule and the shadow cue that it needs, for tests."""

from __future__ import annotations

import shutil
from pathlib import Path

SHIPPED = Path(__file__).parents[1] / "catalogue"
NEW_RULE = """
  - id: moon_phrase
    title: {zh: 月光话术, en: The moon phrase}
    side: for
    prior: 3.0
    lure: true
    shadow: true
    needs: [[moon_word]]
    service: marketing
    hit: ['今晚月光社集合']
    miss: ['比特币']
"""
NEW_CUE = """
  - id: moon_word
    about: a phrase of a gang
    side: for
    shadow: true
    words: [月光社集合]
    source: [project]
    hit: 今晚月光社集合
    miss: 今晚月色很好
"""
TEXT = "今晚月光社集合，老地方见"
"""On which the shadow rule fires, and nothing else does."""


def shadow_catalogue(folder: Path) -> Path:
    """Make `folder` a catalogue with the shadow entries `rule moon_phrase` and `cue moon_word`."""
    shutil.copytree(SHIPPED, folder)
    append(folder / "rules" / "referral.yaml", NEW_RULE)
    append(folder / "lexicon" / "access.yaml", NEW_CUE)
    append(folder / "weights.yaml", "  moon_phrase: 6.0\n")
    return folder


def append(path: Path, text: str) -> None:
    """Put `text` at the end of the file at `path`."""
    path.write_text(path.read_text(encoding="utf-8").rstrip() + "\n" + text.lstrip("\n"), "utf-8")
