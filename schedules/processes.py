"""Processes of this machine: which one is meant, and whether it still runs."""

from __future__ import annotations

import os
import socket
import subprocess
import uuid
from pathlib import Path

IN_QUEUE = "(queue)"
"""Stands for the host of a run whose scan is in the queue: no machine is called that."""
_FIRST_NAMESPACE = "pid:[4026531836]"
"""PROC_PID_INIT_INO of Linux: no container."""


def host_name() -> str:
    """What this machine calls itself, with the container where it is one: a process number means
    nothing outside its PID namespace (pid_namespaces(7))."""
    try:
        namespace = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        namespace = _FIRST_NAMESPACE
    within = "" if namespace == _FIRST_NAMESPACE else f" {namespace}"
    return socket.gethostname()[:200] + within


def process_started(pid: int) -> str:
    """When a process began, as text to compare: a number alone is given to another one some day.

    Empty where there is no such process, or it has ended and only waits to be collected. Field 22
    of /proc/PID/stat counts from the boot (proc(5)), so the boot belongs to it; elsewhere `ps`.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _from_ps(pid)
    return "" if fields[0] in "ZX" else f"{fields[19]} {_boot()}".strip()


def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _from_ps(pid: int) -> str:
    found = subprocess.run(
        ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return found.stdout.strip()[:64]


def still_runs(pid: int, started: str) -> bool:
    """Whether the process that began at `started` under this number runs on this machine."""
    return pid > 0 and bool(started) and process_started(pid) == started


def new_holder() -> str:
    """A name for a scheduler that no other one ever has."""
    return f"{host_name()}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
