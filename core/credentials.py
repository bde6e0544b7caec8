"""Secrets that a target names and its environment holds: `${NAME}` in headers and bodies.

What is filled in is sent and never stored, logged or shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from core.errors import BadInput

_NAME = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def names_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The variables that `texts` name, each once."""
    return tuple(dict.fromkeys(name for text in texts for name in _NAME.findall(text)))


def check_present(texts: Iterable[str], environment: Mapping[str, str], target_id: str) -> None:
    """Raises BadInput naming the first variable that is not set or holds a line break."""
    for name in names_in(texts):
        value = environment.get(name, "")
        if not value:
            raise BadInput(
                f"target `{target_id}` needs the environment variable {name}, which is not set",
                hint=f"set {name} where the scan is started",
            )
        if "\n" in value or "\r" in value:
            raise BadInput(
                f"the environment variable {name} holds a line break", hint="set it without one"
            )


def filled(text: str, environment: Mapping[str, str]) -> str:
    """`text` with the variables' values in place of their names."""
    return _NAME.sub(lambda match: environment.get(match[1], ""), text)


def filled_json(text: str, environment: Mapping[str, str]) -> str:
    """As `filled`, within JSON text: values are escaped, so that none can add a key."""
    return _NAME.sub(lambda match: _escaped(environment.get(match[1], "")), text)


def _escaped(value: str) -> str:
    return json.dumps(value)[1:-1]
