"""Each field of an entry reaches the judge: one entry for each, harmless but for that field."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.scanning import Scanned, scan, write_target
from tests.site.loopback import LoopbackServer, Request, head
from tests.site.pictures import qr_png

OFFER = "币安新人福利，注册填写邀请码 DEMO88005，手续费永久返佣四成，点此开户"
REFERRAL = "https://www.okx.com/join/DEMO5588"
_CODE = "data:image/png;base64," + base64.b64encode(qr_png(REFERRAL)).decode()
_WRAPPED = "https://ds.alipay.com/?scheme=" + quote(
    "alipays://platformapi/startapp?appId=2021001234567890&page="
    + quote(f"pages/web?url={quote(REFERRAL, safe='')}", safe=""),
    safe="",
)

PLANTED: dict[str, Any] = {
    "name": "临河虚拟货币助手",
    "intro": OFFER,
    "category": "虚拟货币交易平台，支持比特币永续合约",
    "owner": "临河加密资产有限公司",
    "update_notes": OFFER,
    "pages": [{"path": "pages/a", "text": OFFER}],
    "icon": _CODE,
    "screenshots": [_CODE],
    "qr_pictures": _CODE,
    "request_domains": ["api.okex.me"],
    "webview_domains": ["www.okex.me"],
    "links": [REFERRAL],
    "mini_program_link": _WRAPPED,
}


@pytest.fixture(scope="module")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scanned]:
    plain = {"name": "小帮手", "intro": "记录每天的浇水和施肥", "owner": "临河软件工作室"}
    items = [{**plain, **{field: value}, "app_id": field} for field, value in PLANTED.items()]
    items.append({**plain, "app_id": "control"})
    body = json.dumps({"list": items}, ensure_ascii=False).encode()

    async def answer(request: Request, writer: asyncio.StreamWriter) -> bool:
        found = request.path == "/list"
        answered = body if found else b""
        headers = [("Content-Type", "application/json")]
        writer.write(head(200 if found else 404, headers, length=len(answered)) + answered)
        return True

    folder = tmp_path_factory.mktemp("fields")
    with LoopbackServer(answer) as server:
        target = write_target(
            folder / "fields.yaml",
            surface="mini_program",
            seeds=[f"{server.url}list"],
            source={
                "kind": "json_api",
                "items": "list",
                "fields": {field: field for field in ("app_id", *PLANTED)},
            },
            limits={"max_links_resolved": 0},
        )
        yield scan(target, folder / "data")


@pytest.mark.parametrize("field", PLANTED)
def test_what_stands_in_one_field_alone_is_found(scanned: Scanned, field: str) -> None:
    labels = {candidate.app_id: candidate.label for candidate in scanned.candidates}
    assert labels.get(field) in ("violation", "review"), labels


def test_the_same_entry_without_it_is_no_candidate(scanned: Scanned) -> None:
    assert "control" not in {candidate.app_id for candidate in scanned.candidates}
