"""Which package gives which text, address, picture or gap: the table of docs/packages.md."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from core import Capture
from core.strict_yaml import load_yaml
from core.target import Limits
from crawler.extractors import Extraction, decode_picture
from crawler.extractors.packages import PackageName, PackageWords, extract_package
from tests import package_files as made
from tests.site.pictures import qr_png

WORDS = load_yaml(Path("catalogue/packages.yaml"), PackageWords).value
FIXTURES = made.all_fixtures()
LINK = ("script_url", made.INVITATION)


class Expected(msgspec.Struct, frozen=True):
    """Texts and (kind, address) that must be found, payloads of codes, words of gaps in order."""

    texts: tuple[str, ...] = ()
    references: tuple[tuple[str, str], ...] = ()
    codes: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    app_id: str = ""


def read(body: bytes, name: str = "p", app_id: str = "", words: PackageWords = WORDS) -> Extraction:
    capture = Capture(
        requested_url="package:p",
        final_url="package:p",
        body=body,
        taken_at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    return extract_package(capture, PackageName(name, app_id), words)


CLEAN = ("记账小工具", "首页", "今天花了多少？", "记一笔")
JUMP = ("package", "wx1111111111111111")
TABLE: dict[tuple[str, str], Expected] = {
    ("a_clean.wxapkg", ""): Expected(CLEAN, (JUMP,)),
    ("b_address.wxapkg", ""): Expected(("注册欧易领返佣",), (LINK, JUMP)),
    ("c_escaped.wxapkg", ""): Expected(("注册欧易领返佣",), (LINK,)),
    ("d_qr_picture.wxapkg", ""): Expected(CLEAN, (), (made.QR_TEXT,)),
    ("e_data_uri.wxapkg", ""): Expected((), (), (made.QR_TEXT,)),
    ("f_title.wxapkg", ""): Expected((made.TITLE,)),
    ("g_encrypted.wxapkg", made.APP_ID): Expected(
        ("记账小工具", "注册欧易领返佣"), (LINK, JUMP), app_id=f"{made.APP_ID}#package"
    ),
    ("g_encrypted.wxapkg", ""): Expected(
        ("注册欧易领返佣",), (LINK,), gaps=("encrypted, app id unknown; partial scan",)
    ),
    ("g_encrypted.wxapkg", made.WRONG_ID): Expected(
        ("注册欧易领返佣",), (LINK,), gaps=("does not open it (wrong id, or damaged)",)
    ),
    ("i_truncated.wxapkg", ""): Expected(
        ("记账小工具",), (JUMP,), gaps=("truncated", "outside of the package", "outside")
    ),
    ("j_offset_past_end.wxapkg", ""): Expected(
        ("记账小工具", "记一笔"), gaps=("its place in the index lies outside of the package",)
    ),
    ("k_traversal.wxapkg", ""): Expected(
        ("注册欧易领返佣",), (LINK,), gaps=("its name leads out of the package",)
    ),
    ("l_file_count.wxapkg", ""): Expected(
        ("注册欧易领返佣",), (LINK,), gaps=("claims 4,294,967,295 files", "breaks off at file 4")
    ),
    ("m_one_mark.wxapkg", ""): Expected(gaps=("marks of a package are missing",)),
    ("n_zero_bytes.wxapkg", ""): Expected(gaps=("the file is empty",)),
    ("app.apk", ""): Expected(
        ("行情助手", "合约带单😀返佣", "注册即领新人礼包", "下载即送体验金"),
        (
            LINK,
            ("package", "com.jiaoyi.hangqing"),
            ("deep_link", "hangqing://open"),
            ("deep_link", "market://details?id=com.okinc.okex.gp"),
            ("declared_domain", "https://api.jiaoyi.example.net"),
            ("frame", "https://h5.jiaoyi.test/"),
            ("script_url", "https://so.jiaoyi.test/x"),
        ),
        app_id="com.jiaoyi.hangqing#package",
    ),
    ("app.aab", ""): Expected(
        ("行情助手", "注册送礼包", "数组里的文字"),
        (
            LINK,
            ("package", "com.jiaoyi.bundle"),
            ("deep_link", "bundlego://"),
            ("script_url", "https://dex.jiaoyi.test/"),
        ),
        app_id="com.jiaoyi.bundle#package",
    ),
    ("app.ipa", ""): Expected(
        ("行情助手", "邀请好友返佣", "注册欧易领返佣"),
        (
            LINK,
            ("deep_link", "okx://"),
            ("deep_link", "hangqing://"),
            ("declared_domain", "https://api.jiaoyi.example.net"),
        ),
        app_id="com.example.hangqing#package",
    ),
    ("truncated.apk", ""): Expected(
        ("行情助手", "合约带单😀返佣"), (LINK,), gaps=("no central directory",)
    ),
    ("alipay.tar", ""): Expected(("注册欧易领返佣",), (LINK,)),
    ("baidu.zip", ""): Expected(
        ("记账", "记一笔", "注册欧易领返佣"), (LINK, ("frame", "https://h5.jiaoyi.test/"))
    ),
    ("douyin.pkg", ""): Expected(gaps=("a Douyin package (TPKG): its layout is not read",)),
    ("nested.zip", ""): Expected(("注册欧易领返佣",), (LINK,)),
    ("too_nested.zip", ""): Expected(gaps=("a package inside a package inside a package",)),
}


def test_the_table_names_every_fixture() -> None:
    assert {name for name, _ in TABLE} == set(FIXTURES)


@pytest.mark.parametrize(("case", "expected"), TABLE.items(), ids=lambda x: str(x)[:50])
def test_each_package_gives_its_texts_addresses_pictures_and_gaps(
    case: tuple[str, str], expected: Expected
) -> None:
    name, app_id = case
    found = read(FIXTURES[name], name, app_id)
    document = found.document
    texts = [block.text for block in document.blocks]
    assert [text for text in expected.texts if not any(text in one for one in texts)] == []
    references = {(reference.kind, reference.url) for reference in document.references}
    assert set(expected.references) <= references
    assert not any("w3.org" in url for _, url in references)
    codes = [
        payload.text
        for picture in found.pictures
        for payload in decode_picture(picture.data or b"", Limits(), picture.media_type)
    ]
    assert codes == list(expected.codes)
    reasons = [gap.reason for gap in found.gaps]
    assert len(reasons) == len(expected.gaps), reasons
    assert all(part in reason for part, reason in zip(expected.gaps, reasons, strict=True))
    assert bool(document.degraded) == bool(expected.gaps)
    assert document.entry is not None
    assert document.entry.app_id.startswith(expected.app_id)


def test_every_find_names_the_file_inside_the_package() -> None:
    document = read(FIXTURES["b_address.wxapkg"]).document
    (link,) = (one for one in document.references if one.url == made.INVITATION)
    assert link.locator.path.startswith("app-service.js#")
    assert {block.locator.path.partition("#")[0] for block in document.blocks} == {
        "app-config.json",
        "app-service.js",
        "page-frame.html",
    }


@pytest.mark.parametrize(
    ("code", "kind", "url"),
    [
        ("wx.request({m:1,url:'https://api.jiaoyi.test'})", "declared_domain",
         "https://api.jiaoyi.test"),
        ("wx.connectSocket({url:'wss:\\/\\/push.jiaoyi.test/'})", "declared_domain",
         "https://push.jiaoyi.test"),
        ("wx.navigateToMiniProgram({appId:'wx2222222222222222'})", "package",
         "wx2222222222222222"),
        ("_mz(z,'web-view',['src',0]);Z([3,'https://h5.jiaoyi.test/a'])", "frame",
         "https://h5.jiaoyi.test/a"),
        ('var c=/["\']/g.test(t),u="https://a.jiaoyi.test/x"', "script_url",
         "https://a.jiaoyi.test/x"),
        ("var j='{\"u\":\"https:\\\\/\\\\/b.jiaoyi.test\\\\/x\"}'", "structured_data",
         "https://b.jiaoyi.test/x"),
        ("open('weixin://dl/business/?appid=wx3333333333333333')", "deep_link",
         "weixin://dl/business/?appid=wx3333333333333333"),
    ],
)  # fmt: skip
def test_code_says_where_it_leads(code: str, kind: str, url: str) -> None:
    document = read(made.wxapkg({"/app-service.js": code.encode()})).document
    assert (kind, url) in {(one.kind, one.url) for one in document.references}


def test_text_escaped_twice_is_read() -> None:
    code = rb"""var j='{"t":"\\u6ce8\\u518c\\u6b27\\u6613"}',k="\\u8fd4\\u4f63"; """
    document = read(made.wxapkg({"/app-service.js": code})).document
    assert {"注册欧易", "返佣"} <= {block.text for block in document.blocks}


def test_a_remote_switch_is_shown_and_degrades() -> None:
    code = b"request(u).then(e=>{e.isAudit?home():trade()});var isAuditorium=1;"
    document = read(made.wxapkg({"/app-service.js": code})).document
    (block,) = document.blocks
    assert block.locator.path == "app-service.js#remote-switch[isAudit]"
    assert "isAudit?home():trade()" in block.text
    (why,) = document.degraded
    assert "isAudit in app-service.js" in why


def test_sub_packages_of_one_application_are_followed_apart() -> None:
    ids = set()
    for name, members in {
        "__APP__.wxapkg": made.MEMBERS,
        "_sub_.wxapkg": {"/sub/app-service.js": made.PROMOTION},
    }.items():
        document = read(made.encrypted(made.wxapkg(members)), name, made.APP_ID).document
        assert document.entry is not None
        ids.add(document.entry.app_id)
    assert ids == {f"{made.APP_ID}#package", f"{made.APP_ID}#package:_sub_.wxapkg"}


def test_pictures_are_carved_where_names_are_hidden() -> None:
    members = {
        "/a.js": made.PADDING,
        "/x.png": qr_png(made.QR_TEXT),
        "/b.js": made.PROMOTION,
    }
    found = read(made.encrypted(made.wxapkg(members)))
    (picture,) = found.pictures
    (payload,) = decode_picture(picture.data or b"", Limits(), picture.media_type)
    assert payload.text == made.QR_TEXT
    assert made.INVITATION in {one.url for one in found.document.references}
