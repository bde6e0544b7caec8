"""When what is due, and starting it: each scan and report is a process of its own."""

from schedules.cron import Cron
from schedules.dispatch import THIS_PROGRAM, Dispatcher
from schedules.plan import Due, plan
from schedules.queue import JOB_VARIABLE, JobQueue, QueuedJob, ScanJob, open_queue
from schedules.scheduler import REPORT_CRON, build_scheduler, serve
from schedules.sites import locks_of
from schedules.worker import Pace, Worker

__all__ = [
    "JOB_VARIABLE",
    "REPORT_CRON",
    "THIS_PROGRAM",
    "Cron",
    "Dispatcher",
    "Due",
    "JobQueue",
    "Pace",
    "QueuedJob",
    "ScanJob",
    "Worker",
    "build_scheduler",
    "locks_of",
    "open_queue",
    "plan",
    "serve",
]
