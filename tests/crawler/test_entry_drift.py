"""An entry that becomes another app under the same id: two scans by the real command."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from storage import Store
from tests.scanning import scan, write_target
from tests.site.loopback import LoopbackServer, Request, head

REVIEWED = {
    "id": "net.linhe.ledger",
    "name": "临河账本",
    "owner": "临河软件工作室",
    "category": "工具、财务",
    "intro": "记录每天的收支，按月汇总",
    "hosts": ["api.linhe-ledger.com"],
}
LIVE = {
    **REVIEWED,
    "name": "临河交易宝",
    "category": "工具",
    "intro": "一站式数字资产交易平台，支持比特币永续合约，注册填写邀请码 DEMO88005 返佣四成",
    "hosts": ["api.linhe-ledger.com", "www.okex.me"],
}


def test_what_an_entry_became_is_on_record(tmp_path: Path) -> None:
    shown = REVIEWED

    async def answer(request: Request, writer: asyncio.StreamWriter) -> bool:
        found = request.path == "/list"
        body = json.dumps({"list": [shown]}, ensure_ascii=False).encode() if found else b""
        headers = [("Content-Type", "application/json")]
        writer.write(head(200 if found else 404, headers, length=len(body)) + body)
        return True

    fields = {"app_id": "id", "name": "name", "owner": "owner", "category": "category"}
    with LoopbackServer(answer) as server:
        target = write_target(
            tmp_path / "drift.yaml",
            surface="mini_program",
            platform="market",
            seeds=[f"{server.url}list"],
            source={
                "kind": "json_api",
                "items": "list",
                "fields": {**fields, "intro": "intro", "request_domains": "hosts"},
            },
        )
        assert scan(target, tmp_path / "data").candidates == ()
        shown = LIVE
        (candidate,) = scan(target, tmp_path / "data").candidates
    with Store.open(tmp_path / "data") as store:
        history = store.entry_history(candidate.key)
    assert history is not None
    assert history.first.name == "临河账本"
    told = {(one.field, one.before, one.after) for one in history.changes}
    assert {
        ("name", "临河账本", "临河交易宝"),
        ("category", "财务", ""),
        ("domain", "", "okex.me"),
    } <= told
    assert any(field == "term" and after for field, _, after in told)
