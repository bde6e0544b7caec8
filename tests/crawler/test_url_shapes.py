"""What is one shape of address, what one address, and what a path that repeats itself."""

import pytest

from crawler.url_shapes import most_repeated_segment, section_of, shape_of, spelling_of

SHAPES = {
    "https://a.example/": "a.example/",
    "https://a.example/article/17": "a.example/article/#",
    "https://www3.a.example:8080/x": "www#.a.example:#/x",
    "https://a.example/2031/05/01/": "a.example/#/#/#/",
    "https://a.example/list?page=2&sort=x": "a.example/list?",
    "https://a.example/s/9f8a7b6c5d4e3f2a1b/page": "a.example/s/*/page",
    "https://a.example/%E5%8C%97%E4%BA%AC/7": "a.example/%E5%8C%97%E4%BA%AC/#",
    "https://a.example/internationalisation": "a.example/internationalisation",
}
SPELLINGS = {
    "https://a.example/x;jsessionid=0A1B2C?y=1": "https://a.example/x?y=1",
    "https://a.example/(S(lit3py55t21z5v55vlm25s55))/x": "https://a.example/x",
    "https://a.example/x?PHPSESSID=a1b2c3d4e5f6a7b8c9": "https://a.example/x",
    "https://a.example/x?b=2&sid=a1b2c3d4e5f6a7b8c9&a=1": "https://a.example/x?a=1&b=2",
    "https://a.example/x?sid=17": "https://a.example/x?sid=17",
    "https://a.example/x?b=2&a=1&&": "https://a.example/x?a=1&b=2",
    "https://a.example/(draft)/x": "https://a.example/(draft)/x",
    "https://a.example/x": "https://a.example/x",
}


@pytest.mark.parametrize("url, shape", SHAPES.items())
def test_numbers_and_random_tokens_are_masked(url: str, shape: str) -> None:
    assert shape_of(url) == shape


@pytest.mark.parametrize("url, spelling", SPELLINGS.items())
def test_session_ids_and_the_order_of_parameters_make_no_other_page(
    url: str, spelling: str
) -> None:
    assert spelling_of(url) == spelling


def test_a_section_is_the_first_folder() -> None:
    assert section_of("a.example/shop/x/y") == "a.example/shop"
    assert section_of("a.example/about") == "a.example"
    assert section_of("a.example/") == "a.example"


@pytest.mark.parametrize(
    ("path", "segment"),
    [
        ("/a/a/a", ""),
        ("/a/a/a/a", "a"),
        ("/a/b/a/b/a/b/a/b/", "a"),
        ("/2024/01/01/01/x", ""),
        ("////////x", ""),
        ("/a/b/c/d/e/f/g/h", ""),
        ("/x?y=/a/a/a/a/a", ""),
    ],
)
def test_a_path_that_repeats_a_segment_too_often(path: str, segment: str) -> None:
    assert most_repeated_segment(f"https://a.example{path}", 3) == segment
