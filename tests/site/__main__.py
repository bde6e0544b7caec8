"""`python -m tests.site --port 8765`: serves the demonstration site until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import signal
import sys

# Before anything that starts threads is imported: they inherit the mask, and a signal that came
# before `sigwait` would end the program through one that lets it in.
ENDINGS = {signal.SIGINT, signal.SIGTERM}
signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)

from tests.site.server import DEFAULT_PORT, DemonstrationSite  # noqa: E402


def main() -> int:
    """Prints the site's address when it is ready. Exit status 2 when the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m tests.site", description=__doc__)
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="0 picks a free port")
    port = parser.parse_args().port
    try:
        site = DemonstrationSite(port)
    except OSError as error:
        sys.stderr.write(f"cannot serve on port {port}: {error.strerror}; try --port 0\n")
        return 2
    with site:
        sys.stdout.write(f"{site.url}\n")
        sys.stdout.flush()
        signal.sigwait(ENDINGS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
