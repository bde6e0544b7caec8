"""Every word about replays, shadow rules, feedback and purges, in both languages."""

from __future__ import annotations

from core import Words

REPLAY_TABLE: dict[str, Words] = {
    "change.gained": Words("新增", "gained"),
    "change.lost": Words("消失", "lost"),
    "change.changed": Words("变化", "changed"),
    "change": Words("结果", "change"),
    "was": Words("原判断", "was"),
    "would_be": Words("现判断", "would be"),
    "difference": Words("差异依据", "what makes the difference"),
    "replayed": Words(
        "重新判断 {documents} 份文档：新增 {gained}，消失 {lost}，变化 {changed}，不变 {same}",
        "{documents} documents judged again: {gained} gained, {lost} lost, {changed} changed, "
        "{same} the same",
    ),
    "replay_share": Words(
        "期内共查看 {looks} 次，其中 {kept} 次（{share}）保存了文档；"
        "未发现问题的页面不保存文档，无法重判",
        "{kept} of {looks} looks of this time ({share}) have a document: of pages that were clear "
        "none is kept, so what these rules would find on them cannot be told",
    ),
    "not_replayed": Words("{count} 份文档无法重判：{why}", "{count} could not be judged: {why}"),
    "more_changes": Words(
        "另有 {count} 项未列出，可加 --limit。", "{count} more; `--limit` shows them."
    ),
    "shadow_found": Words(
        "影子规则本会改变 {total} 个对象"
        "（新增 {gained}，消失 {lost}，变化 {changed}）；目录中的影子条目：",
        "shadow rules would have changed {total} surfaces: {gained} gained, {lost} lost, {changed} "
        "changed; shadow entries of the catalogue:",
    ),
    "shadow_none": Words("  目录中没有影子条目。", "  none"),
    "file.purge": Words("清除记录", "purge"),
    "purge.clear": Words("未发现问题的查看记录", "looks without a finding"),
    "purge.dismissed": Words("已排除案件的证据", "evidence of dismissed cases"),
    "purge.gone": Words("未处理且已消失的案件", "open cases whose surface is gone"),
    "purge.removed": Words("已下架案件的证据", "evidence of removed cases"),
    "purge_what": Words("清除内容", "what"),
    "purge_before": Words("早于（UTC）", "older than (UTC)"),
    "purge_rows": Words("条数", "rows"),
    "purge_none": Words("没有可清除的内容。", "Nothing is old enough to go."),
    "purge_dry": Words(
        "试运行：将清除 {cases} 个案件的 {sightings} 条取证、{rows} 条查看记录、{files} 个文件"
        "（{size} 字节）。未作任何改动；加 --yes --by 姓名 --why 理由 执行。",
        "dry run: {sightings} sightings of {cases} cases, {rows} looks without a finding and "
        "{files} files ({size} bytes) would go. Nothing was changed; do it with --yes --by NAME "
        "--why TEXT",
    ),
    "purge_done": Words(
        "已清除 {cases} 个案件的 {sightings} 条取证、{rows} 条查看记录、{files} 个文件"
        "（{size} 字节），已记入账本。",
        "purged: {sightings} sightings of {cases} cases, {rows} looks without a finding and "
        "{files} files ({size} bytes); the ledger has it",
    ),
    "feedback_decided": Words("人工已决定 {count} 个案件", "{count} cases decided by people"),
    "feedback_of": Words("类别", "of"),
    "feedback_name": Words("名称", "name"),
    "feedback_counts": Words("确认 / 排除", "confirmed / dismissed"),
    "feedback_share": Words("准确率（95% 区间）", "precision (95 %)"),
    "feedback_few": Words("样本太少，无法判断", "too few to tell"),
    "feedback.target": Words("目标", "target"),
    "feedback.rule": Words("规则", "rule"),
    "feedback.term": Words("词语", "term"),
    "proposal.raise": Words("提高分值", "raise"),
    "proposal.guard": Words("加限制条件", "guard"),
    "proposal.retire": Words("停用", "retire"),
    "proposal_effect": Words(
        "建议{kind} {name}：在 {documents} 份文档上新增 {gained}，消失 {lost}"
        "（其中已确认 {lost_confirmed}），变化 {changed}，无法重判 {problems}",
        "{kind} {name}: of {documents} documents {gained} gained, {lost} lost ({lost_confirmed} of "
        "them confirmed), {changed} changed, {problems} could not be judged",
    ),
    "proposals_note": Words(
        "未作任何改动：由人决定并修改目录。",
        "Nothing was changed: who agrees edits the catalogue.",
    ),
    "proposals_none": Words("没有建议。", "No proposals."),
    "shadow_line": Words(
        "影子规则：当日本会改变 {total} 个对象"
        "（新增 {gained}，消失 {lost}，变化 {changed}），未产生影响",
        "Shadow rules would have changed {total} surfaces of this day ({gained} gained, {lost} "
        "lost, {changed} changed); they decided nothing",
    ),
}
