"""When what is due, and starting it: each scan and report is a process of its own."""

from schedules.clerk import Clerk
from schedules.cron import Cron
from schedules.dispatch import THIS_PROGRAM, Dispatcher, RunDispatcher, command_of
from schedules.followups import CaseFollowups
from schedules.plan import Due, plan
from schedules.processes import host_name, new_holder, process_started, still_runs
from schedules.queue import JOB_VARIABLE, JobQueue, QueuedJob, ScanJob, open_queue
from schedules.queue_dispatch import QueueDispatcher
from schedules.rechecks import DueRecheck, RecheckPlan
from schedules.scheduler import HEARTBEAT_SECONDS, REPORT_CRON, Scheduler, until_told
from schedules.sites import locks_of
from schedules.timetable import (
    REPORT_JOB,
    DueRun,
    Timetable,
    scan_job,
    target_of,
    timetable_of,
    timetables,
)
from schedules.worker import Pace, Worker

__all__ = [
    "HEARTBEAT_SECONDS",
    "JOB_VARIABLE",
    "REPORT_CRON",
    "REPORT_JOB",
    "THIS_PROGRAM",
    "CaseFollowups",
    "Clerk",
    "Cron",
    "Dispatcher",
    "Due",
    "DueRecheck",
    "DueRun",
    "JobQueue",
    "Pace",
    "QueueDispatcher",
    "QueuedJob",
    "RecheckPlan",
    "RunDispatcher",
    "ScanJob",
    "Scheduler",
    "Timetable",
    "Worker",
    "command_of",
    "host_name",
    "locks_of",
    "new_holder",
    "open_queue",
    "plan",
    "process_started",
    "scan_job",
    "still_runs",
    "target_of",
    "timetable_of",
    "timetables",
    "until_told",
]
