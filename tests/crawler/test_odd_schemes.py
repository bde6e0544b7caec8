"""Seeds of another scheme than http and https are refused, with and without the browser."""

from pathlib import Path

import pytest

from tests.scanning import scan, write_target

SEEDS = (
    "ftp://127.0.0.1/x",
    "file:///etc/passwd",
    "chrome://version",
    "view-source:http://127.0.0.1/",
    "blob:http://127.0.0.1/1",
    "ws://127.0.0.1/",
)


@pytest.mark.parametrize("rendering", ["never", "always"])
def test_a_seed_that_is_no_web_address_is_a_gap(tmp_path: Path, rendering: str) -> None:
    target = write_target(
        tmp_path / "odd.yaml", seeds=SEEDS, scope={"depth": 0}, rendering=rendering
    )
    scanned = scan(target, tmp_path / "data")
    assert {(gap.subject, gap.kind.value) for gap in scanned.gaps} == {
        (seed, "address_refused") for seed in SEEDS
    }
    assert all("is no web address" in gap.reason for gap in scanned.gaps)
