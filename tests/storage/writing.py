"""A process of its own that records looks: `writing.py FOLDER URL NAME BATCHES`.

Every look of a writer is of a page of its own but one, which all writers see.
"""

from __future__ import annotations

import sys
from pathlib import Path

from storage import Store
from tests.storage.samples import at, look

BATCH = 20
SHARED = "/seen-by-all"


def main(folder: str, url: str, name: str, batches: str) -> None:
    with Store.open(Path(folder), url=url) as store:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        scan_id = store.begin_scan(name, name, started_at=at())
        for batch in range(int(batches)):
            own = [look(f"/{name}/{batch}/{number}") for number in range(BATCH - 1)]
            store.record(scan_id, [look(SHARED), *own] if batch == 0 else own)
        store.finish_scan(scan_id, state="finished", finished_at=at(1))


if __name__ == "__main__":
    main(*sys.argv[1:])
