"""The verdict: label, services, assets and legal basis from what was found."""

from __future__ import annotations

import math
from datetime import date

from classifiers.evidence import QUOTE_CHARS, Collected, quote
from classifiers.legal import legal_basis, needs_a_person
from classifiers.passages import Passages
from classifiers.ruleset import Ruleset
from classifiers.scoring import Finding, is_short, probability, silent_finding
from core import Document, Evidence, ServiceFinding, Verdict, Words
from core.text import one_line
from core.verdict import Asset, Label, ProfileViews, Service

FORBIDDEN_NAME = "forbidden_name"
"""Evidence of a forbidden word in a name, which is no rule of the catalogue."""

CLOAKING = "cloaking"
"""Evidence that only some client profiles get to see something, which is no rule either."""

_WARNINGS = frozenset(
    (
        "warns_reader",
        "names_fraud",
        "enforcement_report",
        "safety_advice",
        "dm_warning",
        "tells_of_fraud",
    )
)


def verdict_of(
    document: Document,
    ruleset: Ruleset,
    on: date,
    findings: list[Finding],
    passages: Passages,
    name: tuple[int, str] | None = None,
    views: ProfileViews | None = None,
) -> Verdict:
    """Put together the verdict of a document from its findings."""
    weights = ruleset.weights
    best = findings[0] if findings else None
    if best is None and name is None and is_short(passages.page, document):
        best = silent_finding(passages)
    legal = ruleset.catalogue.legal
    collected = Collected(passages)
    if best is None:
        total = weights.silence
    else:
        total = best.total
        collected.add_finding(best)
        threshold = math.log(weights.review / (1 - weights.review))
        for finding in findings[1:]:
            if finding.total >= threshold and finding.lured >= best.lured:
                collected.add_carriers(finding)
    assets = _assets(best)
    if name is not None:
        total += weights.names_word
        collected.evidence.append(_name_evidence(name, document, weights.names_word))
        if name[0] >= 0:
            collected.blocks.add(name[0])
    if views is not None and views.cloaking:
        total += weights.cloaking
        collected.evidence.append(_cloaking_evidence(views, weights.cloaking))
    score = round(probability(total), 6)
    conflict = bool(
        best and best.lured and any(f.compiled.rule.id in _WARNINGS for f in best.fired)
    )
    label = _label(score, weights.violation, weights.review)
    if conflict and label == "clear":
        label = "review"
    if best is not None and best.silent:
        label = _label_of_silent(label, passages)
    elif (
        label == "violation"
        and name is None
        and needs_a_person(legal, assets, lured=bool(best and best.lured))
    ):
        label = "review"
    degraded = bool(document.degraded or (views is not None and views.unseen))
    lacking = document.entry is not None and bool(document.entry.missing)
    if label == "clear" and (lacking or (degraded and not passages.page.text.strip())):
        label = "undetermined"
    name_word = name[1] if name else ""
    flagged = label in ("violation", "review")
    return Verdict(
        label=label,
        score=score,
        on=on,
        ruleset_version=ruleset.version,
        evidence=tuple(collected.evidence),
        signals=tuple(collected.signals),
        blocks=tuple(sorted(collected.blocks)) if flagged else (),
        services=_services(best, document) if flagged and best else (),
        assets=assets if flagged else (),
        legal_basis=legal_basis(legal, on, assets, name_word=name_word) if flagged else (),
        conflict=conflict,
        degraded=degraded,
        views=views,
    )


def _label(score: float, violation: float, review: float) -> Label:
    return "violation" if score >= violation else "review" if score >= review else "clear"


def _label_of_silent(label: Label, passages: Passages) -> Label:
    """A short page that is only worded like promotion, and strongly: for a person where a word
    hints that it is about virtual currency, else clear, however it is worded."""
    return "review" if label == "violation" and passages.hinted() else "clear"


def _name_evidence(name: tuple[int, str], document: Document, points: float) -> Evidence:
    block, word = name
    text = document.blocks[block].text if block >= 0 else word
    return Evidence(
        rule=FORBIDDEN_NAME,
        points=points,
        title=Words("名称或经营范围含禁用字样", "Forbidden word in a name or business scope"),
        quote=one_line(text, QUOTE_CHARS),
        block=block,
    )


def _cloaking_evidence(views: ProfileViews, points: float) -> Evidence:
    quotes = (quoted for one in views.cloaking for quoted in one.quotes)
    only, hidden = ", ".join(views.seen_only_by), ", ".join(views.hidden_from)
    return Evidence(
        rule=CLOAKING,
        points=points,
        title=Words(
            f"仅向部分访客显示（可见：{only}；不可见：{hidden}）",
            f"Shown only to some visitors (seen only by: {only}; hidden from: {hidden})",
        ),
        quote=quote(quotes),
    )


def _assets(best: Finding | None) -> tuple[Asset, ...]:
    if best is None:
        return ()
    found = {
        f.compiled.rule.asset: f.points
        for f in sorted(best.fired, key=lambda f: f.points)
        if f.compiled.rule.asset is not None and f.points > 0
    }
    return tuple(sorted(found, key=lambda asset: -found[asset])) or ("virtual_currency",)


def _services(best: Finding, document: Document) -> tuple[ServiceFinding, ...]:
    found: dict[Service, Words] = {}
    for fired in sorted(best.fired, key=lambda f: -f.points):
        rule = fired.compiled.rule
        if rule.service and fired.points > 0:
            found.setdefault(rule.service, rule.title)
        elif best.silent:
            found.setdefault("marketing", rule.title)
    if document.entry is not None:
        found.setdefault("display", Words("在应用目录中展示", "Shown in an app directory"))
    elif found:
        found.setdefault("display", Words("页面展示推广内容", "The page displays the promotion"))
    return tuple(ServiceFinding(service, reason) for service, reason in found.items())
