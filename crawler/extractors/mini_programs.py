"""Mini-programs that a document leads to: which one, which page, what stands inside the link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from core.document import Document, Locator, PayloadType, Reference, ReferenceKind
from core.gap import Gap, GapKind
from core.mini_program import MiniProgramLink, may_hold_link, mini_program_link, original_ids
from core.text import one_line
from core.urls import scheme_of

_MAX_LINKS = 200
_MAX_GAPS = 5
_WRITTEN = re.compile(
    r"#小程序://[^\s\"'<>]{1,120}|"
    r"\b(?:weixin|alipays?|sslocal|snssdk\d+|kwai|baiduboxapp)://[^\s\"'<>]+|"
    r"https?://(?:(?:ds|render|ur)\.alipay\.com|wxaurl\.cn|wxmpurl\.cn|m\.q\.qq\.com/a)/[^\s\"'<>]+"
)


def with_mini_programs(
    document: Document, pictures: Iterable[str] = ()
) -> tuple[Document, list[Gap]]:
    """`document` with a reference `mini_program` for each one that a link names, and for what is
    nested in the link; gaps for links that the platform alone can open.

    `pictures` are addresses of its pictures: a file called `gh_...` names the account of a code.
    """
    found = [*_opened(document)]
    accounts = original_ids("\n".join(pictures))
    if not found and not accounts:
        return document, []
    known = {(reference.kind, reference.url) for reference in document.references}
    fresh: dict[tuple[str, str], Reference] = {}
    for at, link in found:
        for one in _references(at, link):
            if (one.kind, one.url) not in known:
                fresh.setdefault((one.kind, one.url), one)
    for account in accounts:
        url = f"mini-program:wechat/{account}"
        fresh[("mini_program", url)] = Reference("mini_program", url, Locator("pictures"))
    opaque = dict.fromkeys(at.url for at, link in found if link.opaque)
    gaps = [Gap(GapKind.OPAQUE_CODE, one_line(url, 200), _reason(url)) for url in opaque]
    references = (*document.references, *fresh.values())
    return msgspec.structs.replace(document, references=references), gaps[:_MAX_GAPS]


def _opened(document: Document) -> Iterator[tuple[Reference, MiniProgramLink]]:
    for reference in [*_places(document)][:_MAX_LINKS]:
        link = mini_program_link(reference.url)
        if link is not None:
            yield reference, link


def _places(document: Document) -> Iterator[Reference]:
    """References that may open a mini-program, and such links in the texts."""
    linked = set()
    for reference in document.references:
        if reference.kind != "mini_program" and may_hold_link(reference.url):
            linked.add(reference.url)
            yield reference
    for number, block in enumerate(document.blocks):
        if "://" in block.text and may_hold_link(block.text):
            for match in _WRITTEN.finditer(block.text):
                if match[0] not in linked:
                    hidden = block.kind == "hidden"
                    yield Reference("deep_link", match[0], block.locator, "", number, hidden)


def _references(at: Reference, link: MiniProgramLink) -> Iterator[Reference]:
    """The mini-program, and the addresses inside its page, all where the link stands."""
    yield at
    if link.address:
        yield Reference(
            "mini_program", link.address, at.locator, link.name or at.text, at.block, at.hidden,
            PayloadType.MINI_PROGRAM,
        )  # fmt: skip
    inside = msgspec.structs.replace(at.locator, path=f"{at.locator.path}/nested")
    for address in link.nested:
        web = scheme_of(address) in ("http", "https")
        kind: ReferenceKind = "link" if web else "deep_link"
        yield Reference(kind, address, inside, at.text, at.block, at.hidden)


def _reason(url: str) -> str:
    link = mini_program_link(url)
    name = f" `{one_line(link.name, 60)}`" if link is not None and link.name else ""
    return f"a link to a mini-program{name} that only its platform can open: needs the platform"
