from __future__ import annotations

import msgspec
import pytest

from core import Words
from storage import portable_json


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": "普通", "b": [1, 2.5, None]}, '{"a":"普通","b":[1,2.5,null]}'),
        (Words("文", "text"), '{"zh":"文","en":"text"}'),
        ({"a": "x\ud83d"}, '{"a":"x?"}'),
        ({"k\ud83d": ["\0", ("\ude00",)]}, '{"k?":["�",["?"]]}'),
        (Words("a\0b", "c\ud800"), '{"zh":"a�b","en":"c?"}'),
        ({"a": "the text \\u0000"}, '{"a":"the text \\\\u0000"}'),
    ],
)
def test_any_text_becomes_json_that_reads_back(value: object, expected: str) -> None:
    data = portable_json(value)
    assert data.decode() == expected
    assert msgspec.json.decode(data) is not None
