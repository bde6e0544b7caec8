"""The pages of the demonstration site: `content/*/*.html` put into the layouts of `layouts/`.

A content file begins with `key: value` lines (`path`, `title`, `label`, `section`, `layout`,
`date`, `description`, and where they matter `lang`, `head`, `encoding`, `content_type`,
`only_for`), then a line `---`, then the body. A page `only_for` visitors whose user agent holds a
word has another `---` and the body that all others get. Three macros stand for pictures of QR
codes, one for the site's address:

    {{qr_png NAME PAYLOAD}}   address of a PNG that the site serves
    {{qr_data PAYLOAD}}       a `data:` URI
    {{qr_svg PAYLOAD}}        an inline `<svg>` element
    {{origin}}                `http://127.0.0.1:8765/`

`label` is how other pages of the site link to this one: neutral, so that index pages stay clear.
"""

from __future__ import annotations

import html
import re
import zlib
from pathlib import Path
from string import Template
from typing import NamedTuple

from tests.site.answers import Answer, Routes
from tests.site.pictures import qr_data_uri, qr_png, qr_svg

FOLDER = Path(__file__).parent
CONTENT = FOLDER / "content"
LAYOUTS = FOLDER / "layouts"
SECTIONS = {"news": "新闻", "life": "生活", "bbs": "社区", "tech": "科技", "shop": "商家"}
PAGE_SIZE = 8

_PNG = re.compile(r"\{\{qr_png (\S+) (\S+?)\}\}")
_DATA = re.compile(r"\{\{qr_data (\S+?)\}\}")
_SVG = re.compile(r"\{\{qr_svg (\S+?)\}\}")


class Page(NamedTuple):
    """One content file, read."""

    kind: str
    """Folder it lies in: `violations` or `clear`."""
    meta: dict[str, str]
    body: str
    other_body: str = ""
    """What visitors get that the page is not for."""

    @property
    def path(self) -> str:
        return self.meta["path"]


def read_pages() -> list[Page]:
    """All content files, in the order of their paths on disk."""
    return [_read(file) for file in sorted(CONTENT.glob("*/*.html"))]


def _read(file: Path) -> Page:
    top, _, rest = file.read_text(encoding="utf-8").partition("\n---\n")
    body, _, other_body = rest.partition("\n---\n")
    pairs = (line.partition(":") for line in top.splitlines())
    return Page(file.parent.name, {key: value.strip() for key, _, value in pairs}, body, other_body)


def page_routes(pages: list[Page], origin: str) -> Routes:
    """Every page and every picture they show."""
    routes: Routes = {}
    for page in pages:
        shown = _answer(page, page.body, origin, routes)
        if "only_for" in page.meta:
            others = _answer(page, page.other_body, origin, routes)
            shown = others._replace(only_for=page.meta["only_for"], to_them=shown.body)
        routes[page.path] = shown
    return routes


def _answer(page: Page, body: str, origin: str, routes: Routes) -> Answer:
    text = _with_pictures(_in_layout(page, body), origin, routes)
    return Answer(
        text.encode(page.meta.get("encoding", "utf-8")),
        page.meta.get("content_type", "text/html; charset=utf-8"),
    )


def _in_layout(page: Page, body: str) -> str:
    meta = page.meta
    layout = Template((LAYOUTS / f"{meta['layout']}.html").read_text(encoding="utf-8"))
    return layout.substitute(
        title=html.escape(meta["title"]),
        description=html.escape(meta["description"]),
        date=meta["date"],
        lang=meta.get("lang", "zh-CN"),
        head=meta.get("head", ""),
        reads=100 + zlib.crc32(page.path.encode()) % 900,
        body=body,
    )


def _with_pictures(text: str, origin: str, routes: Routes) -> str:
    def png(match: re.Match[str]) -> str:
        address = f"/pictures/{match[1]}.png"
        routes[address] = Answer(qr_png(match[2]), "image/png")
        return address

    text = text.replace("{{origin}}", origin)
    text = _PNG.sub(png, text)
    text = _DATA.sub(lambda match: qr_data_uri(match[1]), text)
    return _SVG.sub(lambda match: qr_svg(match[1]), text)


def index_routes(pages: list[Page], origin: str) -> Routes:
    """The home page, the section pages (news in pages of `PAGE_SIZE`), sitemap and robots.txt."""
    routes: Routes = {"/": _list_page("临禾镇生活网", _home_links(), paging="")}
    for section, name in SECTIONS.items():
        links = [(p.meta["label"], p.path) for p in pages if p.meta["section"] == section]
        size = PAGE_SIZE if section == "news" else len(links)
        parts = [links[start : start + size] for start in range(0, len(links), size)]
        for number, part in enumerate(parts, 1):
            answer = _list_page(f"{name}频道", part, _paging(section, number, len(parts)))
            if len(parts) > 1:
                routes[f"/{section}?page={number}"] = answer
            if number == 1:
                routes[f"/{section}"] = answer
    routes["/robots.txt"] = Answer(
        f"User-agent: *\nDisallow: /private/\nSitemap: {origin}sitemap.xml\n".encode(),
        "text/plain; charset=utf-8",
    )
    addresses = [p.path for p in pages if p.meta["label"]]
    entries = "".join(f"<url><loc>{origin[:-1]}{path}</loc></url>\n" for path in addresses)
    routes["/sitemap.xml"] = Answer(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{entries}</urlset>\n".encode(),
        "application/xml",
    )
    return routes


def _home_links() -> list[tuple[str, str]]:
    sections = [(f"{name}频道", f"/{section}") for section, name in SECTIONS.items()]
    return [
        *sections,
        ("关于本站", "/about"),
        ("联系我们", "/contact"),
        ("登录", "/login"),
        ("编辑部内部稿件", "/private/draft"),
        ("合作伙伴", "/go/partner"),
        ("友情链接", "/go/friend"),
    ]


def _paging(section: str, number: int, count: int) -> str:
    if count == 1:
        return ""
    links = [
        f"<b>{n}</b>" if n == number else f'<a href="/{section}?page={n}">{n}</a>'
        for n in range(1, count + 1)
    ]
    following = f'<a rel="next" href="/{section}?page={number + 1}">下一页</a>'
    return f"<p>第 {' '.join(links)} 页 {following if number < count else ''}</p>"


def _list_page(title: str, links: list[tuple[str, str]], paging: str) -> Answer:
    items = "\n".join(
        f'<li><a href="{html.escape(path)}">{html.escape(label)}</a></li>' for label, path in links
    )
    layout = Template((LAYOUTS / "portal.html").read_text(encoding="utf-8"))
    text = layout.substitute(
        title=title,
        description="临禾镇的新闻、生活与便民信息",
        date="2026-07-01",
        lang="zh-CN",
        head="",
        reads=100 + zlib.crc32(title.encode()) % 900,
        body=f'<ul class="list">\n{items}\n</ul>\n{paging}',
    )
    return Answer(text.encode())
