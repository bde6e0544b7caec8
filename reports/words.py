"""Every word a report says, in both languages, in one table."""

from __future__ import annotations

from typing import Literal

from core import Words
from core.urls import registrable_domain, split_host
from reports.replay_words import REPLAY_TABLE
from reports.work_words import WORK_TABLE
from storage import ResemblanceRecord

Language = Literal["zh", "en"]


def language(tag: str) -> Language:
    """`zh` for any tag of Chinese (`zh-CN`, `zh_TW`), else `en`."""
    return "zh" if tag.lower().startswith("zh") else "en"


def say(key: str, lang: Language, /, **values: object) -> str:
    """The words under `key`, with `{name}` filled from `values`.

    Raises KeyError for a key that is not in the table; a test holds table and templates together.
    """
    text = TABLE[key].text(lang)
    return text.format(**values) if values else text


def resembles_line(pair: ResemblanceRecord, lang: str, *, own: int = 0) -> str:
    """`case 118 is back on another domain: same invite code, same poster`.

    Seen from the older case itself (`own`), the number is that of the newer one.
    """
    tongue = language(lang)
    marks = ("，" if tongue == "zh" else ", ").join(
        say(f"mark.{kind}", tongue) for kind in pair.kinds
    )
    older = own == pair.other_id
    number = pair.candidate_id if older else pair.other_id
    hosts = split_host(pair.url), split_host(pair.other_url)
    moved = registrable_domain(hosts[0]) != registrable_domain(hosts[1])
    where = say("another_domain" if moved else "elsewhere", tongue)
    return say(
        "resembled" if older else "resembles", tongue, number=number, where=where, marks=marks
    )


TABLE: dict[str, Words] = {
    # the report as a whole
    "title": Words("每日下架报告", "Daily takedown report"),
    "subject": Words("虚拟货币推广监测", "Virtual-currency promotion monitoring"),
    "period": Words("统计时段", "Period"),
    "time_zone": Words("时区", "Time zone"),
    "summary": Words("概览", "Summary"),
    "looked_at": Words("检查范围", "What was looked at"),
    "gaps": Words("未能查看", "What could not be seen"),
    "gaps_short": Words("未能查看", "Gaps"),
    "candidates": Words("疑似违规内容", "Candidates"),
    "unseen": Words("当日未复查", "Not looked at today"),
    "surfaces": Words("检查页面与条目", "Surfaces looked at"),
    "footer": Words(
        "本报告由 Promowatch 生成：结论为机器判断，是否下架由人工决定。"
        "链接已做防误点处理；引文中的个人信息已遮盖，原始证据按 SHA-256 存于证据库。",
        "Made by Promowatch. The findings are a machine's; what is taken down, a person decides. "
        "Links are defanged and personal data in quotes is masked; the originals are in the "
        "evidence store under their SHA-256.",
    ),
    "footer_unmasked": Words(
        "本报告由 Promowatch 生成：结论为机器判断，是否下架由人工决定。链接已做防误点处理；"
        "引文中的个人信息未遮盖，请勿外传。原始证据按 SHA-256 存于证据库。",
        "Made by Promowatch. The findings are a machine's; what is taken down, a person decides. "
        "Links are defanged. Personal data in quotes is NOT masked: do not pass this on. The "
        "originals are in the evidence store under their SHA-256.",
    ),
    # what is said where there is nothing to show
    "nothing_ran": Words(
        "当日没有任何扫描任务运行：什么都没有检查，本报告不能说明线上是否存在违规内容。",
        "No scan ran on this day. Nothing was looked at, so this report says nothing about what "
        "is online.",
    ),
    "nothing_seen": Words(
        "有扫描任务运行，但没有查看到任何页面或条目；原因见“未能查看”。",
        "Scans ran, but not one surface could be seen; the gaps below say why.",
    ),
    "nothing_found": Words(
        "在检查的 {looks} 个页面与条目中，没有发现疑似违规内容。",
        "No candidate was found in the {looks} surfaces looked at.",
    ),
    "no_gaps": Words("没有未能查看的内容。", "Nothing was left unseen."),
    "none_of_kind": Words("无。", "None."),
    "more_below": Words(
        "以下 {count} 条从简列出，完整内容见 CSV 与 JSON 文件。",
        "{count} more, in short; the CSV and JSON files hold them whole.",
    ),
    "more_reasons": Words("另有 {count} 条，见判定文件", "{count} more in the verdict file"),
    "more_gaps": Words("另有 {count} 项", "{count} more"),
    # events
    "kind.new": Words("新发现", "New"),
    "kind.returned": Words("再次出现", "Returned"),
    "kind.still_up": Words("仍在线", "Still up"),
    "kind.gone": Words("已消失", "Gone"),
    "about.new": Words("当日首次发现。", "Found for the first time on this day."),
    "about.returned": Words("曾经消失，当日再次出现。", "Had gone, and was there again."),
    "about.still_up": Words("此前已发现，当日复查仍在。", "Found before, and still there."),
    "about.gone": Words(
        "当日复查时页面已不存在，或内容已不含推广。以下为消失前最后一次的判定。",
        "Answered that it is not there, or showed no promotion any more. What follows is the last "
        "finding before that.",
    ),
    "about.unseen": Words(
        "最近一次查看时仍在线，当日没有查看到：不能视为已消失。",
        "Up when last seen, and not seen on this day: not to be taken as gone.",
    ),
    "alarms": Words("告警", "Alarms"),
    "about.alarms": Words(
        "定时运行中需要人工处理的情况；用 promowatch schedule alarms 确认。",
        "What went wrong with scheduled runs; acknowledge it with `promowatch schedule alarms`.",
    ),
    "alarm": Words("告警类型", "Alarm"),
    "job": Words("任务", "Job"),
    "alarm.found_nothing": Words("一反常态没有发现", "Found nothing"),
    "alarm.lost_selector": Words("页面结构已变", "Lost its selector"),
    "alarm.login_wall": Words("需要登录", "Login wall"),
    "alarm.block_page": Words("被拦截", "Block page"),
    "alarm.expectation": Words("不符预期", "Not as expected"),
    "alarm.too_long": Words("用时过长", "Took too long"),
    "alarm.missed": Words("未按时运行", "Missed"),
    "alarm.cut": Words("中途中断", "Cut short"),
    "alarm.failed": Words("运行失败", "Failed"),
    "alarm.clock": Words("时钟变动", "Clock set back"),
    "changed_links": Words("链接去向已变", "Destination changed"),
    "about.changed_links": Words(
        "以下短链接、跳转链接或二维码此前指向别处：人工看过的内容可能已被替换。",
        "These short links, redirectors or QR codes led elsewhere before: what a person looked at "
        "may have been exchanged.",
    ),
    "app_groups": Words("同一应用", "The same app"),
    "about.app_groups": Words(
        "包名或应用编号相同，或主体与名称都相同的条目，按一个应用列出。",
        "Entries with the same package or app id, or the same owner and name, as one app.",
    ),
    "app": Words("应用", "App"),
    "entries": Words("条目", "Entries"),
    "led_before": Words("此前去向", "Led to"),
    "leads_now": Words("当前去向", "Leads to now"),
    # columns and facts
    "target": Words("目标", "Target"),
    "scans": Words("扫描", "Scans"),
    "from_to": Words("起止", "From – to"),
    "count": Words("数量", "Count"),
    "examples": Words("示例", "Examples"),
    "reason": Words("原因", "Reason"),
    "total": Words("合计", "Total"),
    "number": Words("编号", "No."),
    "page": Words("页面", "Page"),
    "event": Words("状态", "Event"),
    "label": Words("判定", "Finding"),
    "score": Words("得分", "Score"),
    "surface": Words("类型", "Surface"),
    "platform": Words("平台", "Platform"),
    "app_id": Words("应用标识", "App id"),
    "link": Words("链接", "Link"),
    "services": Words("涉及服务", "Services"),
    "assets": Words("涉及资产", "Assets"),
    "legal_basis": Words("依据", "Legal basis"),
    "basis_on": Words("按 {day} 有效规定", "in force on {day}"),
    "no_basis": Words("该日无适用规定", "none in force on that day"),
    "item": Words("第 {item} 项", "item {item}"),
    "first_seen": Words("首次发现", "First seen"),
    "last_seen": Words("最近发现", "Last seen"),
    "answered": Words("当日结果", "Answer today"),
    "decision": Words("人工处理", "Decision"),
    "evidence_for": Words("支持证据", "Evidence for"),
    "evidence_against": Words("相反证据", "Evidence against"),
    "no_evidence_against": Words("无相反证据。", "Nothing speaks against it."),
    "points": Words("分值", "Points"),
    "files": Words("证据文件（SHA-256）", "Evidence files (SHA-256)"),
    "content": Words("内容", "content"),
    "conflict": Words("与警示用语并存", "stands beside warning words"),
    "degraded": Words("部分内容无法读取", "partly unreadable"),
    "cloaking": Words("因访客而异", "differs by visitor"),
    "profiles": Words("访客类型", "Seen as"),
    "seen_only_by": Words("仅可见于：{names}", "Seen only by: {names}"),
    "hidden_from": Words("不可见：{names}", "hidden from: {names}"),
    "dynamic": Words("同一访客每次所见不同（轮换内容）", "Changes for the same visitor (rotates)"),
    "not_seen_as": Words("未能以此身份查看：{names}", "Could not be seen as: {names}"),
    "ruleset": Words("规则版本", "Rule set"),
    "scan": Words("扫描", "Scan"),
    "key": Words("稳定标识", "Key"),
    "date": Words("日期", "Date"),
    "running": Words("未结束", "not finished"),
    "http_status": Words("HTTP {status}", "HTTP {status}"),
    "headline": Words("主要理由", "Main reason"),
    # values
    "label.violation": Words("违规", "Violation"),
    "label.review": Words("待复核", "Review"),
    "label.clear": Words("正常", "Clear"),
    "label.repeated": Words("同站重复", "Repeated on site"),
    "label.undetermined": Words("无法判断", "Undetermined"),
    "label.unchanged": Words("已见过，未变", "Seen, unchanged"),
    "label.absent": Words("已不存在", "Not there"),
    "state.running": Words("进行中", "running"),
    "state.finished": Words("完成", "finished"),
    "state.interrupted": Words("中断", "interrupted"),
    "state.failed": Words("失败", "failed"),
    "surface.marketing_page": Words("营销页面", "Marketing page"),
    "surface.app_listing": Words("应用条目", "App listing"),
    "surface.mini_program": Words("小程序条目", "Mini-program"),
    "surface.domain": Words("域名", "Domain"),
    "service.venue": Words("网络经营场所", "Online business venue"),
    "service.display": Words("商业展示", "Commercial display"),
    "service.marketing": Words("营销宣传", "Marketing and promotion"),
    "service.diversion": Words("付费导流", "Paid traffic diversion"),
    "asset.virtual_currency": Words("虚拟货币", "Virtual currency"),
    "asset.stablecoin": Words("稳定币", "Stablecoin"),
    "asset.rwa": Words("现实世界资产代币", "Real-world asset tokens"),
    "asset.mining": Words("挖矿", "Mining"),
    "payload.url": Words("二维码：网址", "QR: web address"),
    "payload.deep_link": Words("二维码：应用内链接", "QR: deep link"),
    "payload.apk": Words("二维码：应用安装包", "QR: app package"),
    "payload.messaging": Words("二维码：私聊或群聊", "QR: private channel"),
    "payload.mini_program": Words("二维码：小程序", "QR: mini-program"),
    "payload.wallet_address": Words("二维码：钱包地址", "QR: wallet address"),
    "payload.payment_code": Words("二维码：收款码", "QR: payment code"),
    "payload.text": Words("二维码：文字", "QR: text"),
    "payload.opaque": Words("小程序码：需由平台打开", "Mini-program code: needs the platform"),
    **WORK_TABLE,
    **REPLAY_TABLE,
    "file.response": Words("原始响应", "response"),
    "file.screenshot": Words("截图", "screenshot"),
    "file.document": Words("提取文本", "document"),
    "file.verdict": Words("判定", "verdict"),
    "file.full_page": Words("整页截图", "full-page screenshot"),
    "file.picture": Words("图片", "picture"),
    "file.marked": Words("标注图片", "marked picture"),
    "file.warc": Words("抓取存档（WARC）", "WARC"),
    "file.manifest": Words("取证清单", "manifest"),
    "file.decision": Words("人工决定", "decision"),
    "file.timestamp": Words("时间戳", "time stamp"),
    "gap.dns_failure": Words("域名无法解析", "Host name not found"),
    "gap.unreachable": Words("无法连接", "Unreachable"),
    "gap.tls_error": Words("证书或加密连接错误", "TLS error"),
    "gap.timeout": Words("超时", "Timeout"),
    "gap.http_status": Words("服务器返回错误", "HTTP error answer"),
    "gap.redirect_loop": Words("循环跳转", "Endless redirect"),
    "gap.address_refused": Words("非公网地址，未访问", "Address not public, refused"),
    "gap.robots_disallowed": Words("robots.txt 不允许", "Disallowed by robots.txt"),
    "gap.too_large": Words("响应过大", "Response too large"),
    "gap.decompression_bomb": Words("压缩炸弹", "Decompression bomb"),
    "gap.empty_body": Words("响应为空", "Empty body"),
    "gap.not_a_page": Words("不是网页", "Not a page"),
    "gap.challenged": Words("要求人机验证", "Asked for a human check"),
    "gap.undecodable": Words("编码无法识别", "Undecodable text"),
    "gap.picture_too_large": Words("图片过大", "Picture too large"),
    "gap.evidence_waiting": Words("证据尚未上传", "Evidence not uploaded yet"),
    "gap.reader_failed": Words("识别程序出错", "Reader failed"),
    "gap.picture_unreadable": Words("图片无法读取", "Picture unreadable"),
    "gap.words_not_read": Words("图片文字未读", "Words in pictures not read"),
    "gap.render_failed": Words("渲染失败", "Rendering failed"),
    "gap.shape_changed": Words("页面结构已变", "Page shape changed"),
    "gap.bad_row": Words("数据行有误", "Bad row"),
    "gap.budget_reached": Words("达到数量上限", "Budget reached"),
    "gap.opaque_code": Words("二维码只能由平台打开", "Code that only its platform opens"),
    "gap.document_unreadable": Words("文档无法读取", "Document unreadable"),
    "gap.interrupted": Words("扫描被中断", "Interrupted"),
    "gap.internal_error": Words("内部错误", "Internal error"),
}
