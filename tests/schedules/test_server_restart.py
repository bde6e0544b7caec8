"""The database server goes away under a scheduler: what runs goes on, and nothing runs twice."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.postgres import private_server
from tests.schedules.stage import LEADS, Stage
from tests.schedules.test_dispatch import calls


def test_a_scheduler_survives_a_crash_of_the_database_server(tmp_path: Path) -> None:
    with private_server() as server:
        stage = Stage(tmp_path, server.url)
        try:
            service = stage.start()
            service.hears(LEADS)
            stage.ask_for("scan-until-told")
            scan = stage.started()
            server.stop(how=9)
            service.hears("does not answer")
            server.start()
            service.hears(LEADS)
            os.kill(scan, signal.SIGUSR1)
            service.hears("scan:scan-until-told due at")
            run = stage.run_of("scan-until-told")
            assert (run.state, run.attempts) == ("done", 1)
            assert len(calls(stage.folder)) == 1
        finally:
            stage.close()
