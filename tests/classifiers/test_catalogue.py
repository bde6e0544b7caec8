"""A wrong catalogue is one error line with file, line and a way on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from classifiers import load_catalogue
from classifiers.catalogue import catalogue_version
from core import CatalogueError

CATALOGUE = Path(__file__).parents[2] / "catalogue"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "catalogue"
    shutil.copytree(CATALOGUE, copy)
    return copy


def change(folder: Path, name: str, old: str, new: str) -> int:
    """Replace the first `old` in a file; the line it stands on."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {name}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        (
            "exchanges.yaml",
            "    kind: exchange\n",
            "    kind: exchange\n    nmaes: [x]\n",
            "did you mean `names`",
        ),
        ("exchanges.yaml", "  - id: okx\n", "  - id: binance\n", "duplicate id `binance`"),
        (
            "exchanges.yaml",
            "entity: okx, strength: named",
            "entity: okxx, strength: named",
            "unknown entity `okxx`; did you mean",
        ),
        (
            "exchanges.yaml",
            "path: '^/(?:[a-z]{2}(?:-[a-z]{2,4})?/)?join",
            "path: '(^/",
            "bad regular expression",
        ),
        (
            "messaging.yaml",
            "example: 'https://t.me/+AbCdEfGhIjKlMnOp'",
            "example: 'https://t.me/x'",
            "does not match its example",
        ),
        (
            "redirectors.yaml",
            "source: [pdh]",
            "source: [phd]",
            "unknown source `phd`; did you mean `pdh`",
        ),
        (
            "rules/referral.yaml",
            "needs: [[exchange_referral]]",
            "needs: [[exchange_referal]]",
            "unknown signal `exchange_referal`; did you mean",
        ),
        (
            "rules/referral.yaml",
            "  - id: referral_shape_link\n",
            "  - id: exchange_referral_link\n",
            "duplicate rule id",
        ),
        (
            "rules/referral.yaml",
            "    lure: true\n",
            "    lore: true\n",
            "unknown key `lore`; did you mean `lure`",
        ),
        (
            "lexicon/assets.yaml",
            "  - id: stablecoin_name\n",
            "  - id: coin\n",
            "duplicate signal id `coin`",
        ),
        ("lexicon/trading.yaml", "    side: for\n", "    side: fore\n", "fore"),
        (
            "lexicon/disguises.yaml",
            "sound: [bi, an]",
            "sound: [bi, ann]",
            "unknown sound `ann`; did you mean `an`",
        ),
        ("lexicon/text_shapes.yaml", "    pattern: '", "    pattern: '(", "bad regular expression"),
        (
            "legal_basis.yaml",
            "repeals: [yinfa-2021-237]",
            "repeals: [yinfa-2021-273]",
            "unknown instrument",
        ),
        (
            "weights.yaml",
            "  exchange_referral_link: ",
            "  exchange_referal_link: ",
            "exchange_refer",
        ),
        ("weights.yaml", "  exchange_referral_link: ", "  exchange_referral_link: -", "wrong sign"),
    ],
)
def test_each_mistake_names_its_place(
    folder: Path, name: str, old: str, new: str, message: str
) -> None:
    line = change(folder, name, old, new)
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    text = str(caught.value)
    assert message in text
    assert "\n" not in text
    if "weights" not in name or "wrong sign" in message:
        place, number = text.split(": ", 1)[0].rsplit(":", 1)
        assert place.endswith(name.rpartition("/")[2])
        assert abs(int(number) - line) <= 2


def test_missing_file_is_one_line(folder: Path) -> None:
    (folder / "messaging.yaml").unlink()
    with pytest.raises(CatalogueError, match=r"messaging\.yaml:1: cannot be read"):
        load_catalogue(folder)


def test_version_follows_contents_not_targets(folder: Path) -> None:
    before = catalogue_version(folder)
    (folder / "targets" / "more.yaml").write_text("targets: []\n", encoding="utf-8")
    assert catalogue_version(folder) == before
    change(folder, "weights.yaml", "review: 0.3", "review: 0.31")
    assert catalogue_version(folder) != before
