"""How the schedule is shown: jobs, next runs, past runs, alarms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.table import Table
from rich.text import Text

from core.text import one_line
from schedules import Timetable
from storage import AlarmRecord, RunRecord, SchedulerRecord, ScheduleState

_SHOWN = "%Y-%m-%d %H:%M %Z"
_STYLES = {"done": "green", "failed": "bold red", "missed": "yellow", "cut": "yellow"}


def is_alive(
    scheduler: SchedulerRecord | None, now: datetime, silent_seconds: float = 60.0
) -> bool:
    """Whether a scheduler gave a sign of life within `silent_seconds`."""
    if scheduler is None or not scheduler.holder:
        return False
    return abs((now - scheduler.renewed_at).total_seconds()) <= silent_seconds


def scheduler_line(scheduler: SchedulerRecord | None, now: datetime, silent_seconds: float) -> str:
    """Which scheduler runs, in one line."""
    if scheduler is None:
        return "no scheduler has run on this database yet"
    silent = max(0, int((now - scheduler.renewed_at).total_seconds()))
    where = f"on {one_line(scheduler.host)}, process {scheduler.pid}"
    if is_alive(scheduler, now, silent_seconds):
        return f"the scheduler runs ({where}, last sign of life {silent} s ago)"
    if not scheduler.holder:
        return f"no scheduler runs; the last one ({where}) was stopped"
    return f"no scheduler runs; the last one ({where}) gave no sign of life for {silent} s"


def job_table(
    tables: Mapping[str, Timetable],
    state: ScheduleState,
    last: Mapping[str, RunRecord],
    alarms: Sequence[AlarmRecord],
    now: datetime,
) -> Table:
    """A line for each job, soonest first: paused ones say who, when and why."""
    shown = _table("next run", "job", "schedule", "last run", "alarms", "title")
    counts = Counter(alarm.job_id for alarm in alarms)
    comes = {job_id: table.forecast(now, 1)[0].start_at for job_id, table in tables.items()}
    for job_id in sorted(tables, key=lambda one: (one in state.paused, comes[one], one)):
        table = tables[job_id]
        next_run = Text(f"{comes[job_id].astimezone(table.zone):{_SHOWN}}")
        if job_id in state.paused:
            next_run = Text("paused", style="yellow")
        shown.add_row(
            next_run,
            Text(job_id),
            Text(table.schedule.words),
            _run_text(last.get(job_id), table.zone),
            str(counts[job_id] or ""),
            Text(one_line(table.title)),
        )
    return shown


def next_table(
    tables: Mapping[str, Timetable],
    state: ScheduleState,
    now: datetime,
    count: int,
    team_zone: ZoneInfo,
) -> Table:
    """The next `count` runs of all jobs together; those that wait already come first."""
    shown = _table("starts", "job", "due", "")
    for run in state.open_runs:
        zone = tables[run.job_id].zone if run.job_id in tables else team_zone
        why = run.why or (f"asked for by {run.asked_by}" if run.asked_by else "")
        due = f"{run.due_at.astimezone(zone):{_SHOWN}}"
        shown.add_row(run.state, Text(run.job_id), due, Text(one_line(why)))
    waiting = {(run.job_id, run.due_at) for run in state.open_runs}
    coming = sorted(
        (run.start_at, job_id, run.due_at)
        for job_id, table in tables.items()
        for run in table.forecast(now, count)
        if (job_id, run.due_at) not in waiting
    )
    for start_at, job_id, due_at in coming[:count]:
        zone = tables[job_id].zone
        paused = "paused: will be missed" if job_id in state.paused else ""
        due = "" if due_at == start_at else f"{due_at.astimezone(zone):{_SHOWN}}"
        shown.add_row(
            f"{start_at.astimezone(zone):{_SHOWN}}", Text(job_id), due, Text(paused, style="yellow")
        )
    return shown


def run_table(runs: Sequence[RunRecord], zone: ZoneInfo) -> Table:
    """Past runs, a line each."""
    shown = _table("due", "job", "state", "scan", "why")
    for run in runs:
        why = " · ".join(part for part in (run.why, run.detail) if part)
        asked = f"asked for by {run.asked_by}" if run.asked_by else ""
        again = f"started {run.attempts} times" if run.attempts > 1 else ""
        shown.add_row(
            f"{run.due_at.astimezone(zone):{_SHOWN}}",
            Text(run.job_id),
            Text(run.state, style=_STYLES.get(run.state, "")),
            str(run.scan_id or ""),
            Text(one_line("; ".join(part for part in (why, asked, again) if part), 300)),
        )
    return shown


def alarm_table(alarms: Sequence[AlarmRecord], zone: ZoneInfo, lang: str) -> Table:
    """Alarms, a line each, with who acknowledged them."""
    shown = _table("alarm", "since", "job", "kind", "what")
    for alarm in alarms:
        said = one_line(alarm.words.text(lang), 500)
        if alarm.acknowledged_at is not None:
            seen = f"{alarm.acknowledged_at.astimezone(zone):{_SHOWN}}"
            said += f" (acknowledged by {alarm.acknowledged_by}, {seen}: {alarm.note or '-'})"
        shown.add_row(
            str(alarm.alarm_id),
            f"{alarm.at.astimezone(zone):{_SHOWN}}",
            Text(alarm.job_id),
            Text(alarm.kind, style="bold red"),
            Text(said),
        )
    return shown


def paused_lines(tables: Mapping[str, Timetable], state: ScheduleState) -> list[str]:
    """A line for each paused job: who paused it, when, why."""
    return [
        one_line(
            f"{job_id} is paused by {note.who} since "
            f"{note.at.astimezone(tables[job_id].zone):{_SHOWN}}: {note.reason}",
            1_000,
        )
        for job_id, note in sorted(state.paused.items())
        if job_id in tables
    ]


def _run_text(run: RunRecord | None, zone: ZoneInfo) -> Text:
    if run is None:
        return Text("-")
    why = f" ({run.why})" if run.why else ""
    when = f"{run.due_at.astimezone(zone):%m-%d %H:%M}"
    return Text(f"{when} {run.state}{why}", style=_STYLES.get(run.state, ""))


def _table(*headings: str) -> Table:
    table = Table(box=None, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
