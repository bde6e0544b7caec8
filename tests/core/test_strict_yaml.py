"""YAML into types: every mistake is one line with its place and a way on."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from core import CatalogueError
from core.strict_yaml import did_you_mean, load_yaml, parse_yaml


class Colour(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="colour"
):
    """One kind of thing."""

    red: int = 0


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="shape"):
    """Another kind of thing."""

    corners: int


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of the file."""

    name: str
    weight: float = 0.0
    labels: tuple[str, ...] = ()
    thing: Colour | Shape | None = None
    options: dict[str, int] = {}


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    items: tuple[Item, ...]


GOOD = """\
items:
  - name: 甲
    weight: 2
    labels: [a, b]
    thing: {kind: shape, corners: 3}
    options: {x: 1}
  - name: "乙"
"""

WRONG = {
    "unknown key": (
        "items:\n  - name: a\n    wieght: 1\n",
        3,
        "unknown key `wieght`; did you mean `weight`?",
    ),
    "unknown key, nothing near": ("items: []\nxyz: 1\n", 2, "unknown key `xyz`"),
    "unknown key in a union": (
        "items:\n  - name: a\n    thing:\n      kind: shape\n      corners: 1\n      cornrs: 2\n",
        6,
        "unknown key `cornrs`; did you mean `corners`?",
    ),
    "missing key": ("items:\n  - name: a\n  - weight: 1\n", 3, "missing required field `name`"),
    "wrong type": ("items:\n  - name: a\n    labels: x\n", 3, "expected `array`, got `str`"),
    "wrong type in a list": (
        "items:\n  - name: a\n    labels:\n      - x\n      - 5\n",
        5,
        "expected `str`",
    ),
    "wrong type in a mapping": (
        "items:\n  - name: a\n    options:\n      x: y\n",
        3,
        "expected `int`",
    ),
    "unknown kind": ("items:\n  - name: a\n    thing: {kind: smell}\n", 3, "invalid value 'smell'"),
    "duplicate key": (
        "items:\n  - name: a\n    name: b\n",
        3,
        "duplicate key `name`, first on line 2",
    ),
    "not YAML": ("items:\n  - name: [a\nx: y\n", 3, "malformed YAML: "),
    "tabs": ("items:\n\t- name: a\n", 2, "malformed YAML: "),
    "a tag": ("items: !!python/object:os.system x\n", 1, "malformed YAML: "),
    "empty": ("", 1, "expected `object`, got `null`"),
    "a list": ("- a\n", 1, "expected `object`, got `array`"),
    "two documents": ("items: []\n---\nitems: []\n", 2, "malformed YAML: "),
}


def test_good_files_become_types() -> None:
    loaded = parse_yaml(GOOD, File, Path("x.yaml"))
    first, second = loaded.value.items
    assert first == Item("甲", 2.0, ("a", "b"), Shape(3), {"x": 1})
    assert second == Item("乙")


@pytest.mark.parametrize("text, line, message", WRONG.values(), ids=WRONG)
def test_mistakes_name_file_line_and_reason(text: str, line: int, message: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        parse_yaml(text, File, Path("rules/x.yaml"))
    said = str(caught.value)
    assert said.startswith(f"rules/x.yaml:{line}: ")
    assert message in said
    assert "\n" not in said


def test_callers_can_point_at_a_place_too() -> None:
    loaded = parse_yaml(GOOD, File, Path("x.yaml"))
    assert str(loaded.error("bad", "items", 0, "labels", 1)) == "x.yaml:4: bad"
    assert str(loaded.error("bad", "items", 1)) == "x.yaml:7: bad"
    assert str(loaded.error("bad", "items", 1, "no such")) == "x.yaml:7: bad"
    assert str(loaded.error("bad")) == "x.yaml:1: bad"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    missing = tmp_path / "missing.yaml"
    with pytest.raises(CatalogueError, match=r"missing\.yaml:1: cannot be read: No such file"):
        load_yaml(missing, File)
    foreign = tmp_path / "gbk.yaml"
    foreign.write_bytes("items: [{name: 甲乙}]".encode("gbk"))
    with pytest.raises(CatalogueError, match=r"gbk\.yaml:1: is not UTF-8"):
        load_yaml(foreign, File)
    good = tmp_path / "good.yaml"
    good.write_text(GOOD, encoding="utf-8")
    assert load_yaml(good, File).value == parse_yaml(GOOD, File, good).value


def test_deeply_nested_files_are_refused() -> None:
    with pytest.raises(CatalogueError):
        parse_yaml("items: " + "[" * 5_000 + "]" * 5_000, File, Path("x.yaml"))


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("wieght", ["weight", "height"], "; did you mean `weight`?"),
        ("xyz", ["weight"], ""),
        ("x", [], ""),
    ],
)
def test_did_you_mean(word: str, known: list[str], expected: str) -> None:
    assert did_you_mean(word, known) == expected
