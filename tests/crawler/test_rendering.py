"""Pages through a real browser: which are rendered, and many at once from a server that keeps its
connections open."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scanning import scan, write_target
from tests.site.loopback import LoopbackServer, Request, head

_PAGES = 8
_OFFER = "币安新人福利，注册填写邀请码 DEMO88005，手续费永久返佣四成"
_WRITTEN = """<meta charset=utf-8><title>集市见闻</title><h1>集市见闻</h1>
<p>这一页讲镇上的集市，写得够长，读者不用等脚本也看得懂，内容每周更新一次。</p>{links}
<script>
  const line = document.createElement('p');
  const bytes = Uint8Array.from(atob('{line}'), one => one.charCodeAt(0) ^ 7);
  line.textContent = new TextDecoder().decode(bytes);
  document.body.append(line);
</script>"""


def _page(number: int) -> str:
    """Says what a browser alone sees; on page 5 that is an offer."""
    line = _OFFER if number == 5 else "今天没有别的消息"
    masked = base64.b64encode(bytes(one ^ 7 for one in line.encode())).decode()
    links = "".join(f'<p><a href="/{other}">第 {other} 页</a></p>' for other in range(1, _PAGES))
    return _WRITTEN.replace("{line}", masked).replace("{links}", links)


@pytest.fixture
def site() -> Iterator[str]:
    async def answer(request: Request, writer: asyncio.StreamWriter) -> bool:
        number = request.path.strip("/") or "0"
        body = _page(int(number)).encode() if number.isdecimal() else b""
        fields = [("Content-Type", "text/html; charset=utf-8"), ("Connection", "keep-alive")]
        writer.write(head(200 if body else 404, fields, length=len(body)))
        writer.write(body)
        return True

    with LoopbackServer(answer) as server:
        yield server.url


def test_always_renders_every_page_not_only_the_seeds(site: str, tmp_path: Path) -> None:
    target = write_target(tmp_path / "always.yaml", seeds=[site], rendering="always")
    scanned = scan(target, tmp_path / "data")
    assert scanned.gaps == ()
    assert [row["url"].rpartition("/")[2] for row in scanned.lines] == ["5"]
