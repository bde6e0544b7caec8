"""What repeats is cloaking, what comes and goes is dynamic, what nobody promotes is neither."""

from __future__ import annotations

import itertools
import random

import pytest

from core.cloaking import Take, differs, views_of

OFFER = {("block", "返佣"): "返佣 20%"}
OWN, PHONE, CHAT = "promowatch", "android", "wechat"


def takes(**seen: str) -> list[Take]:
    """One take for each letter: `x` saw the offer, `-` did not."""
    return [
        Take(profile=name, telling=dict(OFFER) if one == "x" else {}, found=one == "x")
        for name, looks in seen.items()
        for one in looks
    ]


@pytest.mark.parametrize(
    ("seen", "only", "dynamic"),
    [
        ({"own": "--", "chat": "xx"}, ("chat",), False),
        ({"own": "xx", "chat": "--"}, ("own",), False),
        ({"own": "--", "phone": "--", "chat": "xx"}, ("chat",), False),
        ({"own": "--", "phone": "xx", "chat": "xx"}, ("phone", "chat"), False),
        ({"own": "xx", "chat": "xx"}, (), False),
        ({"own": "--", "chat": "--"}, (), False),
        ({"own": "-x", "chat": "xx"}, (), True),
        ({"own": "--", "chat": "x-"}, (), True),
        ({"own": "--", "phone": "x-", "chat": "xx"}, (), True),
        ({"own": "-", "chat": "x"}, (), False),
        ({"own": "--", "chat": "x"}, (), False),
        ({"chat": "xx"}, (), False),
    ],
    ids=str,
)
def test_only_what_repeats_is_cloaking(
    seen: dict[str, str], only: tuple[str, ...], dynamic: bool
) -> None:
    views = views_of(takes(**seen), "own")
    assert views.seen_only_by == only
    assert views.dynamic is dynamic
    assert all(one.quotes == ("返佣 20%",) for one in views.cloaking)


def test_chance_alone_hardly_ever_looks_like_cloaking_after_six_looks() -> None:
    chance = random.Random(11)
    wrong = 0
    for _ in range(20_000):
        looks = {name: "".join(chance.choice("x-") for _ in range(6)) for name in (OWN, CHAT)}
        wrong += bool(views_of(takes(**looks), OWN).cloaking)
    assert wrong / 20_000 < 0.001


def test_a_hidden_item_is_not_the_same_as_the_item_shown() -> None:
    shown = Take(profile=CHAT, telling={("block", "返佣"): "返佣"}, blocks=frozenset({"返佣"}))
    held = Take(profile=OWN, telling={("block", "~返佣"): "返佣"}, blocks=frozenset({"~返佣"}))
    views = views_of([shown, shown, held, held], OWN)
    assert CHAT in views.seen_only_by


def test_the_same_words_in_a_page_without_a_finding_are_no_difference() -> None:
    offer = Take(profile=CHAT, telling={("term", "欧易"): "欧易"}, found=True)
    news = Take(profile=OWN, shown="欧易昨日下线")
    assert not differs([offer, news])
    assert views_of([offer, offer, news, news], OWN).cloaking == ()


def test_the_order_of_looks_does_not_matter() -> None:
    some = takes(own="--", chat="xx")
    found = {views_of(list(order), "own").seen_only_by for order in itertools.permutations(some)}
    assert found == {("chat",)}
