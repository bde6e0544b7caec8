"""Python imports this by itself where its folder is on PYTHONPATH: a resolver that tests direct.

PROMOWATCH_TEST_NAMES is JSON: for each name the answers of its look-ups in turn, each a list of
addresses; the last one stands for all that follow. Every look-up of such a name is written to
the file PROMOWATCH_TEST_LOOKUPS, one name a line. Other names go to the machine's resolver.
"""

import json
import os
import socket
import threading
from pathlib import Path
from typing import Any

_system = socket.getaddrinfo
_names: dict[str, list[list[str]]] = json.loads(os.environ.get("PROMOWATCH_TEST_NAMES", "{}"))
_lookups = Path(os.environ.get("PROMOWATCH_TEST_LOOKUPS", os.devnull))
_turn = threading.Lock()


def _directed(host: Any, port: Any, *args: Any, **kwargs: Any) -> list[Any]:
    name = host.decode() if isinstance(host, bytes) else host
    if name not in _names:
        return _system(host, port, *args, **kwargs)
    with _turn, _lookups.open("a") as log:
        log.write(f"{name}\n")
        answers = _names[name]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
    found = []
    for address in addresses:
        found += _system(address, port, *args, **kwargs)
    return found


socket.getaddrinfo = _directed
