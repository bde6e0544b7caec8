"""What scripts say: strings put together, addresses, texts, and what looks like them."""

from __future__ import annotations

import pytest

from crawler.extractors.literals import literals, unescape
from tests.crawler.extractors.captured import references, texts

HOST = "https://shop.example.com"

STRINGS = {
    "both quotes": ("a='x1'; b=\"x2\"; c=`x3`", ["x1", "x2", "x3"]),
    "added up": ("'https://' + 'www.okx' + \".com/join/1\"", ["https://www.okx.com/join/1"]),
    "concat": ("'https://a'.concat('.example')", ["https://a.example"]),
    "joined": ("['https:', '', 'a.example', 'x'].join('/')", ["https://a.example/x"]),
    "joined with nothing": ('["ht","tps"].join("")', ["https"]),
    "reversed": ("'elpmaxe.a'.split('').reverse().join('')", ["a.example"]),
    "escapes": (r"'\x68\u0074\u{74}ps:\/\/a.example\n'", ["https://a.example\n"]),
    "quotes inside": (r"'it\'s' ", ["it's"]),
    "over a line end": ("'ab\\\ncd'", ["abcd"]),
    "base64": ("atob('aHR0cHM6Ly9hLmV4YW1wbGU=')", ["https://a.example"]),
    "base64 in pieces": ("atob('aHR0cHM6') + atob('Ly9hLmV4YW1wbGU')", ["https://a.example"]),
    "percent escapes": ("decodeURIComponent('%E6%B3%A8%E5%86%8C')", ["注册"]),
    "character codes": ("String.fromCharCode(104, 116,0x74,112) + 's'", ["https"]),
    "variables": (
        "var a = 'https://', b = 'a.example'; location.href = a + b + '/x'",
        ["https://", "a.example", "https://a.example/x"],
    ),
    "a variable that grows": ("var u='ab'; u += 'cd'; go(u + 'ef')", ["ab", "abcd", "abcdef"]),
    "names inside strings": ("var a='xy'; f('a + b')", ["xy", "a + b"]),
    "properties of the same name": ("var a='xy'; f(o.a + 'zz')", ["xy", "zz"]),
    "comments": ("// 'no'\n/* 'no' */ 'yes'", ["yes"]),
    "unclosed string": ("'abc\n'def'", ["abc", "def"]),
    "unclosed at the end": ("x = 'abc\\", ["abc"]),
    "unclosed comment": ("'ab' /* 'cd'", ["ab"]),
    "not base64": ("atob('***')", ["***"]),
    "lone surrogate": (r"'a\ud83db'", ["ab"]),
    "surrogate pair": (r"'\ud83d\ude00ok'", ["😀ok"]),
    "nothing": ("", []),
}


@pytest.mark.parametrize("script, expected", STRINGS.values(), ids=STRINGS)
def test_strings_of_a_script(script: str, expected: list[str]) -> None:
    assert [literal.text for literal in literals(script)] == expected


SENDS = {
    "location.href = 'x1'": True,
    "location='x1'": True,
    "window.location.replace('x1')": True,
    "top.location.assign( 'x1' )": True,
    "window.open('x1')": True,
    "wx.navigateTo({url: 'x1'})": True,
    "a.href='x1'": True,
    "var y='x1'; location.href = y": True,
    "console.log('x1')": False,
    "x = 'x1'": False,
    "location.href == 'x1'": False,
}


@pytest.mark.parametrize("script, expected", SENDS.items())
def test_whether_the_page_is_sent_there(script: str, expected: bool) -> None:
    assert any(one.sends for one in literals(script) if one.text == "x1") is expected


REFERENCES = {
    "a string": ("var u='https://www.okx.com/join/1'", ["https://www.okx.com/join/1"]),
    "protocol-relative": ("var u='//www.okx.com/join/1'", ["https://www.okx.com/join/1"]),
    "escaped slashes": (r"u='https:\/\/www.okx.com\/x'", ["https://www.okx.com/x"]),
    "relative, but navigated to": ("location.href='/go'", [f"{HOST}/go"]),
    "written markup": (
        "document.write('<a href=\"https://a.example/x\">注册</a>')",
        ["https://a.example/x"],
    ),
    "template string": ("u=`https://a.example/join/${code}`", ["https://a.example/join/"]),
    "deep link": ("open('okx://join?x=1')", ["okx://join?x=1"]),
    "said twice": ("a='https://a.example/x';b='https://a.example/x'", ["https://a.example/x"]),
    "no addresses": ("a='/path/x';b='text/html';c='//';d='a//b'", []),
}


@pytest.mark.parametrize("script, expected", REFERENCES.values(), ids=REFERENCES)
def test_references_from_scripts(script: str, expected: list[str]) -> None:
    assert [url for _, url in references(f"<script>{script}</script>")] == expected


PLACES = {
    "handler": ("<button onclick=\"location.href='/go'\">x</button>", f"{HOST}/go"),
    "javascript: link": ("<a href=\"javascript:window.open('/go')\">x</a>", f"{HOST}/go"),
    "module": ("<script type=module>import 'https://a.example/m.js'</script>", "https://a.example/m.js"),
}  # fmt: skip


@pytest.mark.parametrize("html, url", PLACES.values(), ids=PLACES)
def test_scripts_outside_of_script_elements(html: str, url: str) -> None:
    assert references(html) == [("script_url", url)]


def test_text_in_scripts() -> None:
    script = """<script>var a="注册即送返佣"; var b='<p>扫码<b>进群</b></p>'; var c='btn-primary';
    var d='Sign up with my code today'; var e="x";</script>"""
    assert texts(script, "script") == ["注册即送返佣", "扫码 进群", "Sign up with my code today"]


def test_unescape_handles_every_escape() -> None:
    assert unescape(r"\a\'\"\\\/\0\u12\x1") == "a'\"\\/u12x1"


JSON = {
    "linked data": (
        """<script type="application/ld+json">{"@context":"https://schema.org","url":
        "https://a.example/x","name":"注册返佣","n":[1,null,true,{"u":"//b.example/y"}]}</script>""",
        ["https://a.example/x", "https://b.example/y"],
        ["注册返佣"],
    ),
    "page state": (
        '<script id="__NEXT_DATA__" type="application/json">{"p":{"link":"okx://x","t":"<b>进</b>群",'
        '"s":"see https://c.example/z now"}}</script>',
        ["okx://x", "https://c.example/z"],
        ["进 群"],
    ),
    "attribute": (
        "<div data-props='{\"u\":\"https://a.example/x\"}'>x</div>",
        ["https://a.example/x"],
        [],
    ),
    "not quite JSON": (
        '<script type="application/json">{u:"https://a.example/x",}</script>',
        ["https://a.example/x"],
        [],
    ),
}  # fmt: skip


@pytest.mark.parametrize("html, urls, expected", JSON.values(), ids=JSON)
def test_embedded_data(html: str, urls: list[str], expected: list[str]) -> None:
    assert [url for _, url in references(html)] == urls
    assert texts(html, "structured_data") == expected


def test_deeply_nested_data_is_refused_without_a_crash() -> None:
    html = f'<script type="application/json">{"[" * 50_000}{"]" * 50_000}</script><p>后</p>'
    assert texts(html) == ["后"]
