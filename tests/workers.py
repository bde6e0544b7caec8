"""Workers as processes on one PostgreSQL, for tests and the benchmark."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.scanning import ROOT


def catalogue_with(folder: Path, targets: Iterable[Mapping[str, object]]) -> Path:
    """The catalogue that ships, with these targets alone."""
    folder.mkdir()
    for entry in (ROOT / "catalogue").iterdir():
        if entry.name != "targets":
            (folder / entry.name).symlink_to(entry)
    (folder / "targets").mkdir()
    text = json.dumps({"targets": list(targets)}, ensure_ascii=False)
    (folder / "targets" / "sites.yaml").write_text(text, encoding="utf-8")
    return folder


class Team:
    """What workers share: a database and a catalogue. Each has a data folder of its own."""

    def __init__(self, folder: Path, database_url: str, targets: Iterable[Mapping[str, object]]):
        self.folder = folder
        self.catalogue = catalogue_with(folder / "catalogue", targets)
        self.database_url = database_url

    def add_all(self) -> None:
        """Put a scan of every target into the queue."""
        done = self.command("queue", "add", "--all")
        assert done.returncode == 0, done.stderr

    def worker(self, name: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a worker; sites know it by its name."""
        return self._start(name, "worker", *arguments)

    def scheduler(self, name: str) -> subprocess.Popen[str]:
        """Start a scheduler that puts what is due into the queue."""
        reports = str(self.folder / f"reports-{name}")
        return self._start(name, "schedule", "run", "--dispatch", "queue", "--reports", reports)

    def jobs(self) -> list[dict[str, Any]]:
        """All jobs, those that are over too."""
        done = self.command("queue", "list", "--over", "--json")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command of this machine to its end."""
        with self._start("desk", *arguments) as process:
            out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def _start(self, name: str, *arguments: str) -> subprocess.Popen[str]:
        environment = {
            "PROMOWATCH_DATABASE_URL": self.database_url,
            "PROMOWATCH_CATALOGUE": str(self.catalogue),
            "PROMOWATCH_DATA": str(self.folder / f"data-{name}"),
            "PROMOWATCH_CONTACT_URL": f"https://{name}.worker.test/",
        }
        return subprocess.Popen(
            [sys.executable, "-m", "promowatch", *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
