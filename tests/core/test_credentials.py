"""Secrets named in a target and taken from the environment."""

from __future__ import annotations

import pytest

from core import BadInput
from core.credentials import check_present, filled, filled_json, names_in


def test_names_are_found_once() -> None:
    assert names_in(["a ${ONE} ${TWO}", "${ONE} $THREE"]) == ("ONE", "TWO")


def test_values_take_the_place_of_names() -> None:
    assert filled("Bearer ${KEY}", {"KEY": "abc"}) == "Bearer abc"


def test_a_value_cannot_add_a_key_to_json() -> None:
    assert filled_json('{"k":"${KEY}"}', {"KEY": 'a","b":"c'}) == '{"k":"a\\",\\"b\\":\\"c"}'


@pytest.mark.parametrize("environment", [{}, {"KEY": ""}, {"KEY": "a\r\nHost: b"}])
def test_a_variable_that_cannot_be_used_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(BadInput, match="KEY"):
        check_present(["${KEY}"], environment, "shop")
