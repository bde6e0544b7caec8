"""Names that change their address: what is connected to is what was checked.

The resolver is `resolver/sitecustomize.py`, put under the command's own socket library.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from tests.scanning import Scanned, scan, write_target
from tests.site.hostile_pages import CALM, HOST
from tests.site.loopback import LoopbackServer, Request
from tests.site.odd_answers import HTML, send

RESOLVER = Path(__file__).parent / "resolver"
ALLOWED = [HOST]
SECRET = ["127.0.0.1"]
MAPPED = ["::ffff:127.0.0.1"]
METADATA = ["169.254.169.254"]


class _Site(LoopbackServer):
    """The same port on an allowed and on a secret address; `asked` is (address asked, path)."""

    def __init__(self) -> None:
        super().__init__(self._answer, hosts=(HOST, SECRET[0]))
        self.asked: list[tuple[str, str]] = []
        self.page = ""

    async def _answer(self, request: Request, writer: Any) -> bool:
        self.asked.append((writer.get_extra_info("sockname")[0], request.path))
        status = 404 if request.path == "/robots.txt" else 200
        send(writer, status, (HTML, ("Connection", "close")), self.page.encode())
        return False


class _Visit(msgspec.Struct, frozen=True):
    scanned: Scanned
    asked: list[tuple[str, str]]
    lookups: list[str]

    @property
    def addresses(self) -> set[str]:
        return {address for address, _ in self.asked}


@contextmanager
def _site(page: str) -> Iterator[_Site]:
    with _Site() as site:
        site.page = f"<!DOCTYPE html><title>天气</title>{page}".replace("PORT", str(site.port))
        yield site


def _visit(
    folder: Path, names: dict[str, list[list[str]]], page: str, path: str = "/", **fields: Any
) -> _Visit:
    log = folder / "lookups"
    log.touch()
    with _site(page) as site:
        target = write_target(
            folder / "rebinding.yaml",
            seeds=[f"http://{name}:{site.port}{path}" for name in names if name[0] != "_"],
            network={"allow": [HOST]},
            **{"rendering": "never", "scope": {"depth": 2}, **fields},
        )
        environment = {
            "PYTHONPATH": str(RESOLVER),
            "PROMOWATCH_TEST_NAMES": json.dumps({k.lstrip("_"): v for k, v in names.items()}),
            "PROMOWATCH_TEST_LOOKUPS": str(log),
        }
        scanned = scan(target, folder / "data", **environment)
        return _Visit(scanned, site.asked, log.read_text().split())


def test_a_name_that_turns_to_loopback_is_never_followed_there(tmp_path: Path) -> None:
    links = "".join(f'<a href="/page-{word}">{word}</a>' for word in ("a", "b", "c"))
    visit = _visit(tmp_path, {"turning.example": [ALLOWED, SECRET]}, f"<p>{CALM}</p>{links}")
    assert visit.addresses == {HOST}
    assert "turning.example" in visit.lookups


def test_a_name_on_loopback_from_the_start_is_refused(tmp_path: Path) -> None:
    names = {"inside.example": [SECRET], "mapped.example": [MAPPED], "meta.example": [METADATA]}
    visit = _visit(tmp_path, names, CALM)
    assert visit.asked == []
    for name in names:
        assert visit.scanned.gap_kinds(name) == {"address_refused"}
        assert name in visit.lookups


def test_of_several_addresses_only_the_allowed_one_is_connected_to(tmp_path: Path) -> None:
    visit = _visit(tmp_path, {"both.example": [SECRET + ALLOWED, METADATA + ALLOWED]}, CALM)
    assert visit.addresses == {HOST}
    assert visit.scanned.gaps == ()


_RENDERED = """<p>CALM</p><script>
const again = n => fetch('/again?' + n, {cache: 'no-store'})
  .then(() => n && again(n - 1)).catch(() => 0);
again(3); new WebSocket('ws://' + location.host + '/socket');
for (let n = 0; n < 3; n++) new Image().src = 'http://other.example:PORT/picture?' + n;
</script>"""


def test_a_name_that_turns_under_a_drawn_page_is_refused_in_the_browser(tmp_path: Path) -> None:
    names = {"turning.example": [ALLOWED, ALLOWED, SECRET], "_other.example": [ALLOWED, SECRET]}
    visit = _visit(
        tmp_path,
        names,
        _RENDERED.replace("CALM", CALM),
        rendering="always",
        pictures=False,
        scope={"depth": 0},
    )
    assert visit.addresses == {HOST}
    assert visit.lookups.count("turning.example") > 3
    assert visit.lookups.count("other.example") > 1


def test_a_drawn_page_on_loopback_is_refused(tmp_path: Path) -> None:
    visit = _visit(
        tmp_path,
        {"inside.example": [SECRET]},
        CALM,
        rendering="always",
        politeness={"obey_robots": False, "reason": "a local site of the tests"},
    )
    assert visit.asked == []
    assert visit.scanned.gap_kinds("inside.example") == {"address_refused"}
