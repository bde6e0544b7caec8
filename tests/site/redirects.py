"""What of the demonstration site is no page: redirects, the jump page, the script-built page."""

from __future__ import annotations

import json

from tests.site.answers import HTML, JSON, Answer, Routes

EXCHANGE_INVITATION = "https://www.okx.com/join/DEMO7316"
SHORT_LINK_END = "https://www.okx.com/zh-hans/join/DEMO4821"

_JUMP_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head><meta charset="utf-8"><title>正在跳转</title></head>
<body>
<p>即将离开本站，请稍候。</p>
<script>
var target = new URLSearchParams(window.location.search).get("target");
if (target) { window.location.replace(target); }
</script>
</body>
</html>
"""

_APPLICATION = """fetch("/spa/content.json").then(function (answer) {
  return answer.json();
}).then(function (content) {
  var app = document.getElementById("app");
  document.title = content.title;
  content.paragraphs.forEach(function (text) {
    var paragraph = document.createElement("p");
    paragraph.textContent = text;
    app.appendChild(paragraph);
  });
  var link = document.createElement("a");
  link.href = content.link.parts.join("");
  link.textContent = content.link.text;
  app.appendChild(link);
});
"""

_CONTENT = {
    "title": "手机开户专享",
    "paragraphs": [
        "欧易新用户专享：从本页注册，手续费永久八折，邀请码 DEMO2733 自动填好。",
        "完成首次入金后，比特币盲盒直接发到账户，最高价值六万 USDT。",
    ],
    "link": {"parts": ["https://www.", "okx", ".com/", "join/", "DEMO2733"], "text": "立即注册"},
}


def redirect_routes(other_origin: str) -> Routes:
    """`other_origin` is the site's address on its second host, with a slash at the end."""
    return {
        "/s/a": _redirect("/s/b"),
        "/s/b": _redirect(SHORT_LINK_END),
        "/go/partner": _redirect(f"{other_origin}zh-hans/join/38817204"),
        "/go/friend": _redirect(EXCHANGE_INVITATION),
        "/302.html": Answer(_JUMP_PAGE.encode(), HTML),
        "/spa/app.js": Answer(_APPLICATION.encode(), "text/javascript; charset=utf-8"),
        "/spa/content.json": Answer(json.dumps(_CONTENT, ensure_ascii=False).encode(), JSON),
    }


def _redirect(location: str) -> Answer:
    return Answer(b"", HTML, 302, location)
