"""Invitation codes and account names without a link."""

from __future__ import annotations

import pytest

from classifiers.codes import account_after, code_after, code_before, handles


@pytest.mark.parametrize(
    ("tail", "code"),
    [
        ("：12345678", "12345678"),
        (" 是 AB12CD，记得填", "AB12CD"),
        ("填成 QX7788ZZ", "QX7788ZZ"),
        ("：**KX88**", "KX88"),
        (" `bonusme` 注册", "bonusme"),
        (": BONUS", "BONUS"),
        ("：9⓿二肆壹5", "902415"),
        ("：１２３４５６", "123456"),
        ("：ＫＸ⑦❼8⑧", "KX7788"),
        (" is ZX77", "ZX77"),
    ],
)
def test_codes_behind_the_word(tail: str, code: str) -> None:
    found = code_after(f"邀请码{tail}", 3)
    assert found is not None
    assert found.plain == code


@pytest.mark.parametrize(
    "tail",
    ["", " program details", "的作用是什么", " and get started", "：见下图", " 2026", " page"],
)
def test_no_code_behind_the_word(tail: str) -> None:
    assert code_after(f"邀请码{tail}", 3) is None


def test_code_in_front_of_the_word() -> None:
    text = "use BONUS77 as your referral code"
    found = code_before(text, text.index("referral"))
    assert found is not None
    assert found.plain == "BONUS77"


@pytest.mark.parametrize(
    ("tail", "name"),
    [("：abc12345", "abc12345"), ("号：88997766", "88997766"), (" coin8899", "coin8899")],
)
def test_accounts(tail: str, name: str) -> None:
    found = account_after(f"微信{tail}", 2)
    assert found is not None
    assert found.plain == name


@pytest.mark.parametrize("tail", ["支付", "：请扫码", " group chat", "：com"])
def test_no_account(tail: str) -> None:
    assert account_after(f"微信{tail}", 2) is None


def test_handles_are_not_mail_addresses() -> None:
    assert [h.plain for h in handles("找 @coin_desk 或 someone@mail.example.com")] == ["coin_desk"]
