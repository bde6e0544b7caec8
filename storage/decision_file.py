"""A decision as it is kept: one file of the evidence store, which the ledger names by its hash.

`previous` is the hash of the file of the decision before about the same subject, so that the
decisions of a case are a chain of their own inside the ledger's.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from core import Unreadable
from core.casework import Actor
from storage.records import EvidenceFile

DECISION_FORMAT = 1
FIRST_DECISION = "0" * 64


class DecisionFile(msgspec.Struct, frozen=True, kw_only=True):
    """Who led `subject` from `before` to `after`, when and why.

    `subject` is a candidate's key or the name of a promoter. `basis` is what there was to see at
    that time (`core.substance.Substance`, lists sorted), `proof` files that prove it. `at` is UTC.
    """

    format: int = DECISION_FORMAT
    subject: str
    before: str
    after: str
    actor: Actor
    decided_by: str
    why: str
    at: datetime
    basis: dict[str, Any]
    proof: tuple[EvidenceFile, ...]
    previous: str

    @property
    def data(self) -> bytes:
        """The bytes of the file: the same for the same decision, wherever it is read from."""
        return msgspec.json.encode(self, order="deterministic")

    @property
    def sha256(self) -> str:
        """The hash under which the file is kept."""
        return hashlib.sha256(self.data).hexdigest()


def read_decision(data: bytes) -> DecisionFile:
    """The decision kept as `data`. Raises Unreadable."""
    try:
        decision = msgspec.json.decode(data, type=DecisionFile)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Unreadable(f"it is no decision ({error})") from error
    if decision.format > DECISION_FORMAT:
        raise Unreadable(f"it has format {decision.format}, we read {DECISION_FORMAT}")
    return decision
