"""`promowatch promoters` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

from storage import Store
from tests.scanning import run_promowatch
from tests.storage.samples import look
from tests.storage.test_promoters import CODE, HANDLE
from tests.storage.test_work import scan, with_marks

WHO = ("--by", "Wang Li", "--why", "on one page")


def test_promoters_are_listed_merged_and_shown(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    with Store.open(tmp_path / "data") as store:
        scan(store, with_marks(look("/a"), CODE), with_marks(look("/b"), CODE, HANDLE))
    listed = run_promowatch("promoters", "--json", "--data", data).stdout
    assert [json.loads(line)["name"] for line in listed.splitlines()] == [
        "code:AB77CD21", "handle:signal_room",
    ]  # fmt: skip
    assert "code:AB77CD21" in run_promowatch("promoters", "--data", data).stdout

    merged = run_promowatch("promoters", "merge", "AB77CD21", "@signal_room", *WHO, "--data", data)
    assert merged.returncode == 0, merged.stderr
    assert "handle:signal_room" in merged.stdout
    shown = run_promowatch("promoters", "show", "signal_room", "--data", data, "--lang", "zh")
    assert shown.stdout.startswith("code:AB77CD21")
    assert "#2 待处理 · hxxps://pages[.]test/b" in shown.stdout

    wrong = run_promowatch("promoters", "split", "AB77CD21", *WHO, "--data", data)
    assert wrong.returncode == 2
    assert "is not counted under another mark" in wrong.stderr
    verified = run_promowatch("evidence", "verify", "--data", data)
    assert verified.stdout.startswith("evidence holds: 1 ledger entries")
