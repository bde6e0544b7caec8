"""`promowatch scan --resume`: which scan is taken up again, and with what."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from core.errors import BadInput, StorageError
from core.frontier import CutScan
from core.target import Target
from core.text import one_line
from crawler import SpiderName
from schedules import JOB_VARIABLE
from storage import Store, is_running, resumable_scans

LAST = "last"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a scan was begun with, kept with it for the case that it is cut off."""

    target: Target
    spider: SpiderName
    time_zone: str
    app_id: str = ""
    job: str = ""
    """The job of the queue that the scan is done for."""


def job_of_this_process() -> str:
    """The number of the job that a worker started this process for; empty: none."""
    return os.environ.get(JOB_VARIABLE, "")


def cut_scan_of_job(data: Path) -> str | None:
    """The number of the scan that was begun for this process's job and cut off, on any machine.

    Nobody runs it any more: a job is given to another worker when the scan of the first has ended.
    """
    job = job_of_this_process()
    if not job:
        return None
    with Store.open(data) as store:
        for one in store.cut_scans():
            with contextlib.suppress(msgspec.DecodeError):
                if one.plan and msgspec.json.decode(one.plan, type=Plan).job == job:
                    return str(one.scan_id)
    return None


def cut_scan(data: Path, named: str) -> tuple[CutScan, Plan]:
    """The scan that `named` (a number or `last`) means, and its plan.

    Raises BadInput where it cannot be taken up again; the message names what can.
    """
    with Store.open(data) as store:
        able = list(resumable_scans(store))
        if named != LAST:
            able = [one for one in able if str(one.scan_id) == named] or _refuse(store, named, able)
    if not able:
        raise BadInput(
            f"no scan in {data} was cut off", hint="begin one with `promowatch scan TARGET`"
        )
    found = able[0]
    try:
        return found, msgspec.json.decode(found.plan or b"", type=Plan)
    except msgspec.DecodeError as error:
        raise BadInput(
            f"scan {found.scan_id} was begun by another version of the program ({error})",
            hint=f"begin anew with `promowatch scan {one_line(found.target_id)}`",
        ) from error


def _refuse(store: Store, named: str, able: Sequence[CutScan]) -> list[CutScan]:
    others = ", ".join(str(one.scan_id) for one in able[:10])
    able_hint = f"scans that can go on: {others}" if able else "no scan here was cut off"
    if not named.isascii() or not named.isdigit():
        raise BadInput(f"`{one_line(named)}` is no scan; give its number or `last`", hint=able_hint)
    try:
        scan = store.scan_summary(int(named))
    except StorageError:
        raise BadInput(f"there is no scan {named} in {store.folder}", hint=able_hint) from None
    anew = f"begin anew with `promowatch scan {one_line(scan.target_id)}`"
    if scan.state == "finished":
        raise BadInput(f"scan {named} came to its end", hint=anew)
    if is_running(store.folder, scan.scan_id):
        raise BadInput(f"scan {named} is still running", hint="wait for it, or stop it with Ctrl-C")
    raise BadInput(f"scan {named} kept nothing to go on from", hint=anew)


def how_to_go_on(data: Path, scan_id: int) -> str:
    """The command that takes a scan up again."""
    return f"promowatch scan --resume {scan_id} --data {data}"


def earlier_cut(data: Path, target_id: str) -> str:
    """A line on the newest scan of a target that was cut off; empty where there is none."""
    with Store.open(data) as store:
        for one in resumable_scans(store, target_id):
            return (
                f"scan {one.scan_id} of this target was cut off ({one.done} pages done, "
                f"{one.waiting} waiting); to go on with it: {how_to_go_on(data, one.scan_id)}"
            )
    return ""
