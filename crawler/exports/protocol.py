"""What the scan of an export and its workers tell each other."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from core.gap import Gap
from core.target import Target
from storage import EntrySeen, Fingerprints, LedgerNote, Look


class Setup(msgspec.Struct, frozen=True):
    """The first message to a worker: what it judges by.

    `data` and `catalogue` are folders. `keys_up` are candidates of which a clear row is news.
    """

    target: Target
    data: str
    catalogue: str
    known: Fingerprints
    keys_up: tuple[str, ...]


class Ready(msgspec.Struct, frozen=True):
    """The answer to it: the numbers of the workers' processes. `error` says what kept them from
    beginning."""

    error: str = ""
    workers: tuple[int, ...] = ()


class Chunk(msgspec.Struct, frozen=True):
    """Rows to judge, a line each, from the export `name`.

    Either lines as they lie in the file, in the codec `encoding`, the first of them with `number`;
    or, where `numbers` says on which lines the rows begin and `places` which they are, JSON in
    UTF-8. `odd` are then the positions of rows that are never taken for unchanged, because
    something was wrong with them. `taken_at` is when they were read, `on` that day in the team's
    time zone.
    """

    name: str
    texts: bytes
    taken_at: datetime
    on: date
    encoding: str = "utf-8"
    number: int = 1
    numbers: tuple[int, ...] | None = None
    places: tuple[int, ...] = ()
    odd: tuple[int, ...] = ()


class Judgement(msgspec.Struct, frozen=True):
    """What came of a chunk; see `PartDone`. `states` are those of clear entries, where they are to
    be kept.

    `failure` is set when evidence could not be kept, and nothing else then.
    """

    entries: int = 0
    clear: int = 0
    unchanged: int = 0
    aside: bytes = b""
    quiet: bytes = b""
    hits: bytes = b""
    again: tuple[str, ...] = ()
    looks: tuple[Look, ...] = ()
    states: tuple[EntrySeen, ...] = ()
    notes: tuple[LedgerNote, ...] = ()
    gaps: tuple[Gap, ...] = ()
    failure: str = ""
