"""When what is due, and starting it: each scan and report is a process of its own."""

from schedules.cron import Cron
from schedules.dispatch import Dispatcher
from schedules.plan import Due, plan
from schedules.scheduler import REPORT_CRON, build_scheduler, serve

__all__ = ["REPORT_CRON", "Cron", "Dispatcher", "Due", "build_scheduler", "plan", "serve"]
