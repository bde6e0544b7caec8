"""A scheduler as a process, with a quick heartbeat and children that do as they are called.

Called as `python -m tests.schedules.service FOLDER`: data, reports and calls are in there.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path

from schedules import (
    Clerk,
    Dispatcher,
    Scheduler,
    host_name,
    new_holder,
    process_started,
    timetables,
    until_told,
)
from storage import Store
from tests.schedules import child
from tests.schedules.desk import BERLIN, target

QUICK = tuple(f"quick-{number}" for number in range(6))
NAMES = ("until-told", "scan-until-told", *QUICK)


async def main(folder: Path) -> None:
    targets = {name: target(name, "0 3 29 2 *") for name in NAMES}
    tables = timetables(targets.values(), BERLIN, "0 3 29 2 *")
    program = (sys.executable, child.__file__, str(folder))
    dispatcher = Dispatcher(folder / "data", folder / "reports", BERLIN, program=program)
    with Store.open(folder / "data") as store:
        clerk = Clerk(store, tables, targets, holder=new_holder(), most_at_once=10)
        me = os.getpid()
        lock = store.schedule.leadership(clerk.holder, host_name(), me, process_started(me))
        scheduler = Scheduler(clerk, dispatcher, lock, tables, heartbeat_seconds=0.1)
        await scheduler.serve(await until_told())


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    asyncio.run(main(Path(sys.argv[1])))
