"""YAML into typed structures, strictly: every error is one line with file, line and a way on.

The schema is the msgspec structure itself: an unknown key, a missing key, a wrong type or a
duplicate key is an error. Positions come from the YAML parser's own marks.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Generic, TypeVar, get_args

import msgspec
import yaml

from core.errors import CatalogueError

T = TypeVar("T")
Key = str | int

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\[\.\.\.\]")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<key>.*)`$")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loaded(Generic[T]):
    """A typed value together with the places its parts came from."""

    def __init__(self, path: Path, value: T, root: yaml.Node | None) -> None:
        self.path = path
        self.value = value
        self._root = root

    def error(self, message: str, *where: Key) -> CatalogueError:
        """A CatalogueError whose line is that of the value (or key) at `where`."""
        return CatalogueError(f"{self.path}:{_line_at(self._root, where)}: {message}")


def load_yaml(path: Path, schema: type[T]) -> Loaded[T]:
    """Read `path` as `schema`. Raises CatalogueError (`file:line: what; what to do`)."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CatalogueError(f"{path}:1: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{path}:1: is not UTF-8 ({error.reason})") from error
    return parse_yaml(text, schema, path)


def parse_yaml(text: str, schema: type[T], path: Path) -> Loaded[T]:
    """Like `load_yaml`, on text already read; `path` is only named in errors."""
    loader = _Loader(text)
    try:
        root: yaml.Node | None = loader.get_single_node()
        if root is not None:
            _refuse_duplicate_keys(root, path)
        data = None if root is None else loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise CatalogueError(f"{path}:{line}: malformed YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise CatalogueError(f"{path}:1: malformed YAML: {error}") from error
    except RecursionError as error:
        raise CatalogueError(f"{path}:1: malformed YAML: nested too deeply") from error
    finally:
        loader.dispose()
    try:
        value = msgspec.convert(data, schema, str_keys=True)
    except msgspec.ValidationError as error:
        raise _explain(error, schema, root, path) from error
    return Loaded(path, value, root)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean `x`?` for the nearest of `known`, or the empty string."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean `{near[0]}`?" if near else ""


def _refuse_duplicate_keys(node: yaml.Node, path: Path) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            name = str(getattr(key, "value", ""))
            line = key.start_mark.line + 1
            if name in seen:
                raise CatalogueError(
                    f"{path}:{line}: duplicate key `{name}`, first on line {seen[name]}"
                )
            seen[name] = line
            _refuse_duplicate_keys(value, path)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_duplicate_keys(value, path)


def _explain(
    error: msgspec.ValidationError,
    schema: Any,
    root: yaml.Node | None,
    path: Path,
) -> CatalogueError:
    what, _, place = str(error).rpartition(" - at `")
    what, place = (what, place.rstrip("`")) if what else (place, "")
    where: list[Key] = []
    for name, index in _STEP.findall(place):
        where.append(int(index) if index else name)
    unknown = _UNKNOWN.match(what)
    if unknown:
        key = unknown["key"]
        fields = _fields_at(schema, where)
        what = f"unknown key `{key}`{did_you_mean(key, fields)}"
        where.append(key)
    else:
        what = what[:1].lower() + what[1:]
    return CatalogueError(f"{path}:{_line_at(root, where)}: {what}")


def _fields_at(schema: Any, where: list[Key]) -> list[str]:
    """Field names the schema knows at `where`; all candidates' names where it is a union."""
    types = [schema]
    for step in where:
        types = [inner for outer in types for inner in _step_into(outer, step)]
    return sorted({name for one in types for name in getattr(one, "__struct_fields__", ())})


def _step_into(schema: Any, step: Key) -> list[Any]:
    if isinstance(schema, type) and issubclass(schema, msgspec.Struct):
        hints = msgspec.structs.fields(schema)
        return [a for f in hints if f.encode_name == step for a in _alternatives(f.type)]
    arguments = [a for a in get_args(schema) if a is not Ellipsis]
    return [a for argument in arguments[-1:] for a in _alternatives(argument)]


def _alternatives(annotation: Any) -> list[Any]:
    origin = getattr(annotation, "__origin__", None)
    if origin in (tuple, list, dict):
        return [annotation]
    return [a for a in get_args(annotation) if a is not type(None)] or [annotation]


def _line_at(node: yaml.Node | None, where: Iterable[Key]) -> int:
    """Line (from 1) of the node at `where`, or of the deepest part of it that exists."""
    if node is None:
        return 1
    line = node.start_mark.line + 1
    for step in where:
        found: yaml.Node | None = None
        if isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            if step < len(node.value):
                found = node.value[step]
                line = found.start_mark.line + 1 if found else line
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if str(key.value) == str(step):
                    found = value
                    line = key.start_mark.line + 1
        if found is None:
            return line
        node = found
    return line
