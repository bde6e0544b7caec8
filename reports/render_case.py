"""The index of a case file: one page that needs nothing else, for reading and printing."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from core.text import defang_text, one_line
from reports.case_words import CASE_TABLE
from reports.links import defanged_url
from reports.words import language

if TYPE_CHECKING:
    from reports.case_file import CaseFile

_TEMPLATES = Path(__file__).parent / "templates"


def render_case(case: CaseFile, lang: str) -> str:
    """The index of `case`: no script, nothing fetched, nothing of theirs clickable.

    `lang` is a tag such as `zh-CN` or `en`.
    """
    tongue = language(lang)
    return _template().render(
        case=case,
        candidate=case.candidate,
        ledger=case.ledger,
        entry=case.entry,
        lang="zh-CN" if tongue == "zh" else "en",
        tongue=tongue,
        say=partial(_say, tongue),
    )


def _say(tongue: str, key: str, /, **values: object) -> str:
    text = CASE_TABLE[key].text(tongue)
    return text.format(**values)


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = _moment
    environment.filters["defang"] = defanged_url
    environment.filters["defanged"] = defang_text
    environment.filters["line"] = one_line
    return environment.get_template("case.html.j2")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
