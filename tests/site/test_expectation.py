"""Holding verdicts to the table: what passes, and what each shortfall reads like."""

from __future__ import annotations

from datetime import date

import pytest

from core import Block, Document, Locator, Reference, ServiceFinding, Signal, Verdict, Words
from core.verdict import Label
from tests.site.expectation import Expectation, shortfalls

WHERE = Locator("body/p[1]")
DOCUMENT = Document(
    surface="marketing_page",
    url="http://127.0.0.1:8765/x",
    blocks=(Block("visible", "邀请码 DEMO1 手续费八折", WHERE), Block("hidden", "暗处", WHERE)),
    references=(Reference("link", "https://www.okx.com/join/DEMO1", WHERE),),
)
LINK = Signal(
    kind="referral",
    family="link",
    entry="okx_join",
    raw="https://www.okx.com/join/DEMO1",
    normalised="",
    reference=0,
)
CODE = Signal(
    kind="code", family="code", entry="code", raw="邀请码 DEMO1", normalised="demo1", block=0
)
BY_LINK = Expectation(
    path="/x",
    label="violation",
    signals=("exchange_link", "referral"),
    entity="okx",
    quote="/join/DEMO1",
    references=("link",),
    services=("diversion",),
)
BY_CODE = Expectation(
    path="/x", label="violation", signals=("code",), quote="DEMO1", block="visible"
)
CLEAR = Expectation(path="/x", label="clear")


def verdict(label: Label, *signals: Signal) -> Verdict:
    diversion = ServiceFinding("diversion", Words("导流", "leads away"))
    return Verdict(
        label=label,
        score=0.5,
        on=date(2026, 6, 1),
        ruleset_version="1",
        signals=signals,
        services=(diversion,) if signals else (),
    )


@pytest.mark.parametrize(
    ("expected", "given"),
    [
        (BY_LINK, verdict("violation", CODE, LINK)),
        (BY_CODE, verdict("violation", CODE)),
        (CLEAR, verdict("clear", LINK)),
        (CLEAR, verdict("undetermined")),
        (Expectation(path="/x", label="any"), verdict("review")),
    ],
)
def test_what_the_table_asks_for_passes(expected: Expectation, given: Verdict) -> None:
    assert shortfalls(expected, DOCUMENT, given) == []


@pytest.mark.parametrize(
    ("expected", "given", "message"),
    [
        (CLEAR, verdict("review", CODE), "should be clear, is review"),
        (BY_LINK, verdict("review", LINK), "should be a violation, is review"),
        (BY_LINK, verdict("violation", CODE), "no signal exchange_link|referral okx"),
        (BY_LINK, verdict("violation"), "service `diversion` not found"),
        (BY_CODE, verdict("violation", LINK), "signals seen: referral:okx_join"),
    ],
)
def test_a_shortfall_says_what_lacks(expected: Expectation, given: Verdict, message: str) -> None:
    assert message in "\n".join(shortfalls(expected, DOCUMENT, given))
