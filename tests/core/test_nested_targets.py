"""Addresses inside addresses, however they are wrapped."""

import base64
from urllib.parse import quote

import pytest

from core.nested_targets import nested_target, target_in

INNER = "https://shop.example/join?code=1"
PARAMETERS = frozenset({"target", "to"})


@pytest.mark.parametrize(
    "value",
    [
        INNER,
        quote(INNER, safe=""),
        quote(quote(INNER, safe=""), safe=""),
        base64.urlsafe_b64encode(INNER.encode()).decode().rstrip("="),
    ],
)
def test_an_address_is_found_in_a_value(value: str) -> None:
    assert target_in(value) == INNER


@pytest.mark.parametrize("value", ["", "home", "12345678901234", "%zz", "/local/path"])
def test_other_values_hold_none(value: str) -> None:
    assert target_in(value) == ""


@pytest.mark.parametrize(
    ("url", "target"),
    [
        (f"https://a.example/go?x=1&To={quote(INNER, safe='')}", INNER),
        (f"https://a.example/#/leave?target={quote(INNER, safe='')}", INNER),
        (f"https://a.example/go?other={quote(INNER, safe='')}", ""),
        ("https://a.example/go", ""),
        ("https://[broken/?to=x", ""),
    ],
)
def test_only_named_parameters_count(url: str, target: str) -> None:
    assert nested_target(url, PARAMETERS) == target
