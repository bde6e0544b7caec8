"""A check for robots is not the page; a page about such checks is."""

from __future__ import annotations

import pytest

from core import Block, Document, Locator, Reference
from crawler.challenge import asks_for_a_human

WHERE = Locator("body/p[1]")
WIDGET = "https://www.google.com/recaptcha/api.js"


def page(text: str, *scripts: str) -> Document:
    return Document(
        surface="marketing_page",
        url="https://a.example/",
        blocks=(Block("visible", text, WHERE),),
        references=tuple(Reference("script_url", url, WHERE) for url in scripts),
    )


@pytest.mark.parametrize(
    "document",
    [
        page("请完成安全验证"),
        page("访问过于频繁，请稍后再试"),
        page("Just a moment..."),
        page("Please verify you are a human"),
        page("", WIDGET),
        page("请稍候", "https://challenges.cloudflare.com/turnstile/v0/api.js"),
    ],
)
def test_a_check_is_told(document: Document) -> None:
    assert asks_for_a_human(document)


@pytest.mark.parametrize(
    "document",
    [
        page("图书馆周六上午开放"),
        page("为什么网站要用人机验证？" + "这篇文章讲验证码的历史。" * 80),
        page("留言板：" + "请在下面写下您的意见，我们会在三天内回复。" * 10, WIDGET),
        page("看图", "https://notrecaptcha.example/recaptcha.js"),
    ],
)
def test_an_ordinary_page_is_not(document: Document) -> None:
    assert not asks_for_a_human(document)
