"""`promowatch explain`: a text with its marked spans, cues for and against, and points."""

from __future__ import annotations

import msgspec
from rich.text import Text

from classifiers import Explanation, classify, explain, load_ruleset
from classifiers.explain import MarkedBlock
from core.text import defang, one_line, printable
from promowatch import options
from promowatch.classify import read_document
from promowatch.terminal import reason_line, results

_STYLE = {"for": "bold red", "against": "green", "neutral": "yellow"}


def explain_text(
    source: options.Text,
    on: options.LawOf = "",
    as_json: options.AsJson = False,
    lang: options.Language = "en",
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Show why a text is judged as it is: every span, how it was read, and its points.

    [bold]Examples[/bold]

      promowatch explain saved-page.html

      promowatch explain - --lang zh < notice.txt
    """
    ruleset = load_ruleset(catalogue)
    document = read_document(source)
    verdict = classify(document, ruleset, on=options.day(on, options.zone(time_zone)))
    explanation = explain(document, verdict, ruleset)
    if as_json:
        print(msgspec.json.encode(explanation).decode())
    else:
        _print(explanation, lang)


def _print(explanation: Explanation, lang: str) -> None:
    console = results()
    for block in explanation.blocks:
        console.print(_marked(block))
        for mark in block.marks:
            if mark.trace:
                steps = " → ".join(mark.trace)
                console.print(
                    Text(f"    {one_line(mark.raw)} = {one_line(mark.matched)}  ({steps})", "dim")
                )
    for link in explanation.links:
        target = f" → {defang(link.target)}" if link.target else ""
        console.print(Text(f"  {link.signal} {link.entry}: {defang(link.url)}{target}", "cyan"))
    console.print(Text(f"{explanation.bias:+6.2f}  start", "dim"))
    for reason in explanation.reasons:
        console.print(Text(reason_line(reason, lang)))
    conflict = ", a lure beside warning words" if explanation.conflict else ""
    console.print(Text(f"{explanation.label} {explanation.score:.2f}{conflict}", "bold"))


def _marked(block: MarkedBlock) -> Text:
    text = Text("> " if block.carries_finding else "  ")
    place = 0
    for mark in block.marks:
        text.append(printable(block.text[place : mark.start]))
        text.append(printable(block.text[mark.start : mark.end]), _STYLE[mark.side])
        place = mark.end
    text.append(printable(block.text[place:]))
    return text
