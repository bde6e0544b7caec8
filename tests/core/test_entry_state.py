"""What is kept of an entry, what differs between two times, and which entries are one app."""

from __future__ import annotations

from core.document import Document, ListingEntry, Locator, Reference
from core.entry_state import EntryChange, EntryState, changes, identities, state_of
from tests.storage.samples import verdict

LEDGER = EntryState(
    name="临河账本",
    owner="临河软件",
    categories=("工具", "财务"),
    domains=("linhe.example",),
    package="net.linhe.ledger",
    rules="sample",
)


def test_the_state_of_an_entry_is_small() -> None:
    document = Document(
        surface="app_listing",
        url="https://market.example/1",
        entry=ListingEntry(
            platform="m", app_id="1", name="账本", owner="临河", category="工具 > 财务、生活"
        ),
        references=(
            Reference("declared_domain", "https://api.linhe-a.org", Locator("request_domains")),
            Reference("link", "https://www.linhe-b.org/x", Locator("links")),
            Reference("deep_link", "weixin://dl/scan", Locator("links")),
            Reference("package", "net.linhe.ledger", Locator("package")),
        ),
    )
    state = state_of(document, verdict("clear"))
    assert state is not None
    assert state.categories == ("工具", "生活", "财务")
    assert state.domains == ("linhe-a.org", "linhe-b.org")
    assert state.package == "net.linhe.ledger"


def test_a_page_has_no_state() -> None:
    page = Document(surface="marketing_page", url="https://pages.example/")
    assert state_of(page, verdict("clear")) is None


def test_a_renamed_entry_with_a_lost_category_and_a_new_domain() -> None:
    later = EntryState(
        name="临河交易",
        owner="临河软件",
        categories=("工具",),
        terms=("永续合约",),
        domains=("linhe.example", "okex.example"),
        package="net.linhe.ledger",
        rules="sample",
    )
    assert changes(LEDGER, later) == (
        EntryChange("name", "临河账本", "临河交易"),
        EntryChange("category", "财务", ""),
        EntryChange("domain", "", "okex.example"),
        EntryChange("term", "", "永续合约"),
    )


def test_what_was_not_seen_is_not_lost() -> None:
    assert changes(LEDGER, EntryState(rules="sample"), whole=False) == ()


def test_terms_of_another_rule_set_are_not_compared() -> None:
    assert changes(EntryState(terms=("挖矿",), rules="1"), EntryState(rules="2")) == ()


def test_one_app_on_several_platforms() -> None:
    here, there = identities(LEDGER, "1001"), identities(LEDGER, "2002")
    assert here == there == ("id:net.linhe.ledger", "name:临河软件/临河账本")
    renamed = EntryState(name="别的", owner="别人", package="net.linhe.ledger")
    assert set(identities(renamed, "")) & set(here)
    assert identities(EntryState(name="账本"), "12345678") == ()
