"""The `promowatch` command: puts the commands together and turns errors into one line."""

from __future__ import annotations

import logging
import os
import sys
from typing import NoReturn

import typer

from core.errors import BadInput, PromowatchError
from core.text import one_line
from promowatch import (
    case,
    classify,
    database,
    demo,
    evaluate,
    evidence,
    explain,
    feedback,
    lint,
    listings,
    promoters,
    purge,
    queue,
    recheck,
    replay,
    report,
    rules,
    scan,
    schedule,
    targets,
    worker,
)

app = typer.Typer(
    name="promowatch",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="Finds promotion of virtual-currency business on pages, sites and app listings, "
    "keeps takedown candidates with their evidence, and reports them. A person decides.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("scan")(scan.scan)
app.command("demo")(demo.demo)
app.command("report")(report.report)
app.command("classify")(classify.classify_text)
app.command("explain")(explain.explain_text)
app.command("evaluate")(evaluate.evaluate)
app.command("calibrate")(evaluate.calibrate)
app.command("targets")(targets.targets)
app.command("lint")(lint.lint)
app.command("worker")(worker.worker)
app.add_typer(queue.app, name="queue")
app.add_typer(listings.app, name="listings")
app.add_typer(schedule.app, name="schedule")
app.add_typer(database.app, name="db")
app.add_typer(rules.app, name="rules")
app.add_typer(evidence.app, name="evidence")
app.add_typer(case.app, name="case")
app.command("cases")(case.cases)
app.add_typer(promoters.app, name="promoters")
app.command("recheck")(recheck.recheck)
app.command("purge")(purge.purge)
app.command("feedback")(feedback.feedback)
app.command("replay")(replay.replay)


def run() -> None:
    """Entry point. Exit status: 0 done, 1 failed, 2 bad input, 3 too many gaps, 130 Ctrl-C."""
    try:
        app()
    except SystemExit as ended:
        _leave(ended.code if isinstance(ended.code, int) else int(ended.code is not None))
    except BadInput as error:
        _complain(error, 2)
    except PromowatchError as error:
        _complain(error, 1)


def _complain(error: PromowatchError, status: int) -> None:
    print(f"promowatch: {one_line(str(error), 1_000)}", file=sys.stderr)
    _leave(status)


def _leave(status: int) -> NoReturn:
    """End at once. Everything is written and closed; taking a crawl's memory apart piece by piece,
    as the interpreter does at its end, takes half a second and serves nobody."""
    logging.shutdown()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        status = status or 1
    os._exit(status)
