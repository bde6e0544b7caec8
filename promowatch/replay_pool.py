"""Judging kept documents again, on all cores. Nothing is written."""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import lru_cache
from itertools import islice
from pathlib import Path

import msgspec

from classifiers import Ruleset, RulesetName, classify, ruleset_named
from core import Document, PromowatchError, Verdict
from core.verdict_change import VerdictChange, verdict_change
from crawler.exports.pool import workers_here
from storage import EvidenceStore, KeptDocument

BATCH = 20
"""Documents a process is given at once: some hundred milliseconds."""

FEW = 60
"""So few are judged at once here: a process takes a second to begin."""

RULESETS_HELD = 3
"""Rule sets a process keeps compiled: what is compared, and the next."""


class Job(msgspec.Struct, frozen=True):
    """What is to be judged: by `after`, against `before`, or where that is None against the verdict
    the document was given when it was seen."""

    data: str
    after: RulesetName
    before: RulesetName | None = None


class Judged(msgspec.Struct, frozen=True):
    """One document judged again: what is different, None where nothing is; or in `problem` why it
    could not be judged."""

    document: KeptDocument
    change: VerdictChange | None = None
    problem: str = ""


def judged_again(
    job: Job,
    documents: Iterable[KeptDocument],
    total: int,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Iterator[Judged]:
    """Each of `documents` (about `total`) judged again, in their order.

    Raises CatalogueError before the first where a rule set is wrong, PromowatchError where a
    process dies.
    """
    done = 0
    results = _here(job, documents) if total <= FEW else _on_all_cores(job, documents)
    for found in results:
        done += len(found)
        progress(done, max(done, total))
        yield from found


def _here(job: Job, documents: Iterable[KeptDocument]) -> Iterator[list[Judged]]:
    for batch in _batches(documents):
        yield _judge(job, batch)


def _on_all_cores(job: Job, documents: Iterable[KeptDocument]) -> Iterator[list[Judged]]:
    for name in (job.before, job.after):
        if name is not None:
            _ruleset(name)  # a wrong catalogue is told here, in one line
    count = workers_here()
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(count, context, initializer=_leave_interrupts_to_parent)
    running: deque[Future[list[Judged]]] = deque()
    try:
        for batch in _batches(documents):
            running.append(pool.submit(_judge, job, batch))
            if len(running) > 3 * count:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    except BrokenProcessPool as error:
        raise PromowatchError("a judging process died", hint="is there enough memory?") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _batches(documents: Iterable[KeptDocument]) -> Iterator[list[KeptDocument]]:
    iterator = iter(documents)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _leave_interrupts_to_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@lru_cache(maxsize=RULESETS_HELD)
def _ruleset(name: RulesetName) -> Ruleset:
    return ruleset_named(name)


def _judge(job: Job, documents: Sequence[KeptDocument]) -> list[Judged]:
    return [_one(job, EvidenceStore(Path(job.data)), one) for one in documents]


def _one(job: Job, evidence: EvidenceStore, kept: KeptDocument) -> Judged:
    try:
        data = evidence.read(kept.sha256, "document")
        document = msgspec.json.decode(data, type=Document)
    except PromowatchError as error:
        return Judged(kept, problem=error.message)
    except msgspec.MsgspecError as error:
        return Judged(kept, problem=f"the document {kept.sha256[:12]} cannot be read ({error})")
    before = kept.verdict
    if job.before is not None:
        before = _verdict(document, kept, _ruleset(job.before))
    return Judged(kept, verdict_change(before, _verdict(document, kept, _ruleset(job.after))))


def _verdict(document: Document, kept: KeptDocument, ruleset: Ruleset) -> Verdict:
    """Judged by the law of the day on which it was judged, and with what other client profiles saw
    then."""
    return classify(document, ruleset, on=kept.verdict.on, views=kept.verdict.views)
