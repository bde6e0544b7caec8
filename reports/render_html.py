"""The daily report as one HTML file that needs nothing else: for reading, mailing and printing."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from core.text import defang_text, one_line
from reports.facts import answer, basis_text
from reports.links import defanged_url
from reports.report import DailyReport
from reports.words import language, say

CARDS_PER_SECTION = 200
"""More candidates of one kind than this are listed in short; CSV and JSON hold them whole."""
REASONS_SHOWN = 8
_TEMPLATES = Path(__file__).parent / "templates"


def render_html(report: DailyReport, lang: str) -> str:
    """The report as a self-contained page: no script, nothing fetched, nothing of theirs clickable.

    `lang` is a tag such as `zh-CN` or `en`.
    """
    tongue = language(lang)
    return _template().render(
        report=report,
        lang="zh-CN" if tongue == "zh" else "en",
        tongue=tongue,
        say=partial(_say, tongue),
        answer=partial(answer, lang=tongue),
        basis_text=partial(basis_text, lang=tongue),
        cards=CARDS_PER_SECTION,
        reasons_shown=REASONS_SHOWN,
    )


def _say(tongue: str, key: str, /, **values: object) -> str:
    return say(key, language(tongue), **values)


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
    environment.filters["points"] = _points
    return environment.get_template("daily.html.j2")


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _points(points: float) -> str:
    return f"{points:+.1f}".replace("-", "\N{MINUS SIGN}")
