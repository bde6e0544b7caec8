"""`promowatch evaluate` and `promowatch calibrate`: how good the classifier is, and its points."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from classifiers import (
    EvaluationReport,
    Metrics,
    fit,
    load_corpus,
    load_ruleset,
    write_points,
)
from classifiers import evaluate as evaluation_of
from core.errors import BadInput
from core.text import one_line
from promowatch import options
from promowatch.terminal import results

Corpus = Annotated[
    Path,
    typer.Argument(
        metavar="CORPUS",
        help="Labelled texts, JSON Lines: id, label, kind, lang, source, text, urls; or a folder.",
    ),
]


def evaluate(
    corpus: Corpus,
    training: Annotated[
        list[Path] | None,
        typer.Option(
            "--training", help="More texts to learn from in every fold; they are not measured."
        ),
    ] = None,
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Measure simple classifiers in the same folds too.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the figures as one object.")
    ] = False,
    on: options.LawOf = "",
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Measure the classifier on labelled texts, cross-validated by source.

    Example: promowatch evaluate corpus.jsonl --training training --baselines
    """
    ruleset = load_ruleset(catalogue)
    day = options.day(on, options.zone(time_zone))
    # Loaded together, so that a site network is kept on one side of every split.
    examples = load_corpus(_there(corpus), ruleset, *map(_there, training or ()))
    measured = examples if not training else examples[: len(load_corpus(corpus, ruleset))]
    groups = {example.group for example in measured}
    report = evaluation_of(
        measured,
        ruleset,
        day,
        training=[e for e in examples[len(measured) :] if e.group not in groups],
        baselines=baselines,
    )
    if as_json:
        print(msgspec.json.encode(report).decode())
    else:
        _print(report)


def calibrate(
    corpora: Annotated[
        list[Path],
        typer.Argument(metavar="CORPUS...", help="Labelled texts, as for `evaluate`."),
    ],
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print the points, write nothing."),
    ] = False,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
) -> None:
    """Fit the points of rules and words to labelled texts and write them to the catalogue.

    A person can read and edit weights.yaml and wording.yaml afterwards.
    Example: promowatch calibrate training corpus.jsonl
    """
    ruleset = load_ruleset(catalogue)
    points = fit(load_corpus(_there(corpora[0]), ruleset, *map(_there, corpora[1:])), ruleset)
    for rule, value in points.points.items():
        print(f"{value:+6.2f}  {rule}")
    print(f"{points.bias:+6.2f}  (bias)")
    print(f"{len(points.wording.phrases)} phrases learned")
    if not dry_run:
        write_points(points, catalogue)
        print(f"written to {catalogue / 'weights.yaml'} and {catalogue / 'wording.yaml'}")


def _there(path: Path) -> Path:
    if not path.is_file() and not (path.is_dir() and any(path.glob("*.jsonl"))):
        raise BadInput(f"{path}: no such corpus", hint="a JSON Lines file, or a folder of them")
    return path


def _print(report: EvaluationReport) -> None:
    console = results()
    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in (
        "", "texts", "promotion", "precision", "recall", "avg. precision", "recall@P95", "ECE",
    ):  # fmt: skip
        table.add_column(heading, justify="left" if not heading else "right", no_wrap=True)
    _row(table, "shipped points", report.shipped)
    _row(table, "cross-validated", report.cross_validated)
    for name, metrics in report.baselines.items():
        _row(table, f"baseline: {name}", metrics)
    for name, metrics in report.by_language.items():
        _row(table, f"language {name}", metrics)
    for name, metrics in report.by_kind.items():
        _row(table, f"kind {name}", metrics)
    console.print(table)
    for title, misses in (("missed", report.misses), ("false alarms", report.false_alarms)):
        console.print(f"{title}: {len(misses)}", style="bold")
        for miss in misses:
            why = one_line("; ".join(miss.evidence), 200) or "nothing found"
            console.print(Text(f"  {miss.id} {miss.kind} {miss.lang} {miss.score:.2f}  {why}"))
    console.print(
        f"{report.groups} groups of sources; precision and recall at the shipped threshold; "
        f"rule set {report.ruleset_version[:12]}",
        style="dim",
    )


def _row(table: Table, name: str, metrics: Metrics) -> None:
    table.add_row(
        name,
        str(metrics.texts),
        str(metrics.promotions),
        *(
            "-" if value is None else f"{value:.3f}"
            for value in (
                metrics.precision,
                metrics.recall,
                metrics.average_precision,
                metrics.recall_at_precision_95,
                metrics.calibration_error,
            )
        ),
    )
