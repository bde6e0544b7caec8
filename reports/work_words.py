"""Every word about cases, rechecks and promoters that a reader sees, in both languages."""

from __future__ import annotations

from core import Words

WORK_TABLE: dict[str, Words] = {
    "decision.open": Words("待处理", "open"),
    "decision.in_review": Words("复核中", "in review"),
    "decision.confirmed": Words("已确认", "confirmed"),
    "decision.dismissed": Words("已排除", "dismissed"),
    "decision.notice_prepared": Words("通知已备", "notice prepared"),
    "decision.approved": Words("已批准", "approved"),
    "decision.sent": Words("已发送", "sent"),
    "decision.removed": Words("已下架", "removed"),
    "decision.refused": Words("被拒绝", "refused"),
    "decision.no_answer": Words("未答复", "no answer"),
    "decision.returned": Words("下架后重现", "returned"),
    "mark.code": Words("邀请码相同", "same invite code"),
    "mark.handle": Words("账号相同", "same account"),
    "mark.qr": Words("二维码内容相同", "same QR payload"),
    "mark.picture": Words("海报相同", "same poster"),
    "mark.poster": Words("海报近乎相同", "nearly the same poster"),
    "mark.text": Words("文字近乎相同", "nearly the same text"),
    "resembles": Words(
        "案件 {number} {where}再次出现：{marks}", "case {number} is back {where}: {marks}"
    ),
    "resembled": Words(
        "以案件 {number} {where}再次出现：{marks}", "is back {where} as case {number}: {marks}"
    ),
    "another_domain": Words("换域名", "on another domain"),
    "elsewhere": Words("换址", "elsewhere"),
    "last_sighting": Words(
        "最近一次所见 {moment}，扫描 {scan}，证据文件 {files} 个："
        "promowatch evidence export {key} --out case.zip",
        "last seen {moment} in scan {scan}, {files} evidence files: "
        "promowatch evidence export {key} --out case.zip",
    ),
    "decisions": Words("当日处理", "Decided today"),
    "about.decisions": Words(
        "由人工作出的决定，以及扫描按规则引起的状态变化，均记入账本。",
        "What people decided, and what scans led on by rule; all of it stands in the ledger.",
    ),
    "overdue_cases": Words("逾期未下架", "Overdue"),
    "about.overdue": Words(
        "通知已发送、期限在当日结束前已过，但尚无下架证明的案件。",
        "A notice was sent and its deadline passed before the day's end, and nothing proves that "
        "the surface is gone.",
    ),
    "sent_at": Words("通知发送", "Sent"),
    "deadline": Words("期限", "Deadline"),
    "last_look": Words("最近复查", "Last look"),
    "no_look": Words("未复查", "none"),
    "work": Words("案件现状", "Where the cases stand"),
    "back_elsewhere": Words("换址重现", "Back elsewhere"),
    "about.back_elsewhere": Words(
        "以下内容与此前已确认的案件有相同的强特征，但地址不同。",
        "These share a strong mark with a case that was confirmed before, at another address.",
    ),
    "older_case": Words("此前案件", "Older case"),
    "shared": Words("相同特征", "What they share"),
    "decided_by": Words("处理人", "By"),
    "outcome.gone": Words("已消失", "gone"),
    "outcome.still_there": Words("仍在", "still there"),
    "outcome.not_seen": Words("未能查看", "not seen"),
    "followup": Words("后续", "Follow-up"),
    "promoter": Words("推广者", "Promoter"),
    "marks": Words("特征数", "Marks"),
    "recheck": Words("复查", "Recheck"),
    "more_cases": Words(
        "另有 {count} 件未列出，可加 --limit。", "{count} more; `--limit` shows them."
    ),
    "next_steps": Words("下一步：{states}", "next: {states}"),
    "seen_on": Words("所在页面数", "Surfaces"),
    "nothing_due": Words("没有到期的复查。", "Nothing is due."),
    "overdue": Words("已逾期", "overdue"),
    "recheck_at": Words("{moment} 复查", "recheck {moment}"),
    "recheck_due": Words("应复查（{moment}）", "recheck due since {moment}"),
}
