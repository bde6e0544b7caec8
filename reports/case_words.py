"""Every word of a case file's index, in both languages."""

from __future__ import annotations

from core import Words

CASE_TABLE: dict[str, Words] = {
    "title": Words("案件材料", "Case file"),
    "subject": Words("虚拟货币推广监测", "Virtual-currency promotion monitoring"),
    "candidate": Words("对象", "Candidate"),
    "url": Words("网址（已做防误点处理）", "Address (defanged)"),
    "page_title": Words("标题", "Title"),
    "platform": Words("平台与应用编号", "Platform and app id"),
    "key": Words("编号", "Key"),
    "first_seen": Words("首次发现（UTC）", "First seen (UTC)"),
    "last_seen": Words("最近发现（UTC）", "Last seen (UTC)"),
    "status": Words("人工结论", "Decided by a person"),
    "sighting": Words("取证记录", "Sighting"),
    "taken_at": Words("取证时间（UTC）", "Captured at (UTC)"),
    "judged": Words("机器判断", "Found by the machine"),
    "score": Words("得分", "score"),
    "ruleset": Words("规则版本", "rule set"),
    "asked": Words("请求网址", "Address asked for"),
    "hop": Words("跳转", "Redirect"),
    "reached": Words("最终网址", "Address reached"),
    "leads_to": Words("指向（未跟随）", "Leads to (not followed)"),
    "server": Words("服务器地址", "Server address"),
    "profile": Words("客户端", "Client profile"),
    "contrast": Words("其他客户端所见", "What another client profile got"),
    "software": Words("取证软件", "Captured with"),
    "reasons": Words("理由", "Reasons"),
    "marked": Words("标注图片", "Pictures with the evidence boxed"),
    "marked_how": Words(
        "框旁的编号即上面理由的编号。未加框的理由所依据的内容在图中不可见（标题、脚本、隐藏文字）或出自整体措辞。"
        "标注图片为副本，原图一并保存。",
        "The numbers beside the boxes are those of the reasons above. A reason without a box rests "
        "on what no picture shows (a title, a script, hidden text) or on the wording as a whole. "
        "These are copies; the originals are kept beside them.",
    ),
    "marked_page": Words("整页截图", "The page"),
    "marked_numbers": Words("框内理由编号：", "reasons boxed:"),
    "files": Words("文件", "Files"),
    "file": Words("文件", "File"),
    "size": Words("字节数", "Bytes"),
    "not_recorded": Words(
        "此记录早于证据账本，账本中没有对应条目。",
        "This sighting is older than the ledger, which has no entry of it.",
    ),
    "entry": Words("条目变化", "How the entry changed"),
    "entry_first": Words("首次所见", "As first seen"),
    "entry_last": Words("最近所见", "As last seen"),
    "entry_same": Words("自首次所见以来没有变化。", "Nothing changed since it was first seen."),
    "entry_when": Words("时间（UTC）", "When (UTC)"),
    "entry_what": Words("内容", "What"),
    "entry_before": Words("此前", "Before"),
    "entry_after": Words("此后", "After"),
    "field.name": Words("名称", "Name"),
    "field.owner": Words("主体", "Owner"),
    "field.category": Words("类目", "Category"),
    "field.term": Words("识别到的词", "Term recognised"),
    "field.domain": Words("域名", "Domain"),
    "ledger": Words("证据账本", "Ledger"),
    "ledger_entries": Words(
        "本案条目见 ledger/entries.jsonl（逐行原文）；ledger/proof.json 给出从第 {first} 条"
        "到第 {last} 条的散列链，据此可独立核对每一条的位置。第 {last} 条的散列为：",
        "This case's entries stand in ledger/entries.jsonl, line by line as they were written; "
        "ledger/proof.json has the chain of hashes from entry {first} to entry {last}, from which "
        "the place of each can be checked independently. The hash of entry {last} is:",
    ),
    "ledger_none": Words("账本中没有本案条目。", "The ledger has no entry of this case."),
    "stamped": Words(
        "时间戳（RFC 3161）：ledger/time-stamp.tsr，对应第 {last} 条。核对命令：",
        "Time stamp (RFC 3161): ledger/time-stamp.tsr, over entry {last}. To check it:",
    ),
    "not_stamped": Words(
        "未加盖第三方时间戳。", "No time-stamp authority has stamped these entries."
    ),
    "how": Words("如何核对", "How to check"),
    "how_files": Words(
        "每个文件的 SHA-256 与 manifest.json 一致，manifest.json 的 SHA-256 与账本条目一致。"
        "capture.warc.gz 可用 ReplayWeb.page 或 pywb 打开；请勿直接访问其中的网址。",
        "The SHA-256 of each file is that in manifest.json, and that of manifest.json is in the "
        "ledger's entry. capture.warc.gz opens in ReplayWeb.page or pywb; do not visit the "
        "addresses in it.",
    ),
    "how_chain": Words(
        "content 为 {{at, kind, sha256, subject}} 的规范 JSON（RFC 8785）的 SHA-256；"
        "hash 为 {{content, number, previous}} 的规范 JSON 的 SHA-256；previous 为上一条的 hash。",
        "content is the SHA-256 of the canonical JSON (RFC 8785) of {{at, kind, sha256, subject}}; "
        "hash that of {{content, number, previous}}; previous is the hash of the entry before.",
    ),
    "footer": Words(
        "由 Promowatch 生成：结论为机器判断，是否处置由人工决定。"
        "本材料含未遮盖的原始证据，请勿外传。",
        "Made by Promowatch. The findings are a machine's; what is done, a person decides. This "
        "file holds unmasked original evidence: pass it on to nobody who need not have it.",
    ),
    "status.open": Words("尚无人工结论", "not decided yet"),
    "label.violation": Words("违规", "violation"),
    "label.review": Words("待人工复核", "review"),
}
