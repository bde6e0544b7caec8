"""Pages that ask whether the visitor is human instead of showing what is there."""

from __future__ import annotations

import re

from core.document import Document

LONGEST = 800
"""Characters of a page that may be nothing but a check; an article about captchas is longer."""

BARE = 120
"""Characters of a page on which a captcha service's widget is all there is: no form, no text."""

_ASKS = re.compile(
    r"captcha|verify (?:that )?you(?:'| a)re (?:a )?human|are you a robot|unusual traffic|"
    r"checking your browser|just a moment|"
    r"安全验证|人机验证|滑动验证|拖动滑块|请完成验证|访问过于频繁|系统检测到异常",
    re.IGNORECASE,
)
_CHECKERS = re.compile(
    r"//(?:[\w-]+\.)*(?:hcaptcha\.com|recaptcha\.net|challenges\.cloudflare\.com|geetest\.com|"
    r"captcha\.(?:qq|qcloud|gtimg|tencentcloudapi)\.com|dun\.163\.com)/|google\.com/recaptcha/",
    re.IGNORECASE,
)


def asks_for_a_human(document: Document) -> bool:
    """Whether `document` is a check for robots and little else."""
    shown = "\n".join(
        block.text for block in document.blocks if block.kind in ("title", "visible", "alt")
    )
    if len(shown) > LONGEST:
        return False
    checked = any(_CHECKERS.search(reference.url) for reference in document.references)
    return bool(_ASKS.search(shown)) or (checked and len(shown) <= BARE)
