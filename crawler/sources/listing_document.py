"""From an entry to a Document: its texts as blocks, what it declares as references."""

from __future__ import annotations

import re

from core.document import Block, Document, ListingEntry, Locator, Reference, Surface
from core.target import Target
from core.urls import scheme_of
from crawler.sources.entries import DOMAIN_FIELDS, LINK_FIELDS, PICTURE_FIELDS, EntryFields

IDENTITY_FIELDS = (
    "platform",
    "app_id",
    "original_id",
    "package",
    "package_url",
    "version",
    "url",
    "snapshot_time",
    "updated_at",
    "storefront",
)
"""Fields that say which entry it is. They are no text that somebody reads."""

_UNREAD = frozenset((*IDENTITY_FIELDS, *PICTURE_FIELDS, *DOMAIN_FIELDS, *LINK_FIELDS))
_PAGE = re.compile(r"^pages\[\d+\]")


def entry_platform(entry: EntryFields, target: Target) -> str:
    """The target's platform. Without one, entries that share their list's address would be one
    surface, so they are told apart within their target."""
    own_address = entry.follow or entry.fields.get("url")
    return target.platform or ("" if own_address else target.id)


def listing_document(entry: EntryFields, surface: Surface, platform: str, url: str) -> Document:
    """What an entry says, ready to judge.

    `platform` is the target's, used where the entry names none; `url` is where the entry was
    read, used where it has no page of its own. Every text is a block of kind `listing_field`
    whose locator is the field's name; page texts are `pages[0].text@PATH`. Domains become
    references `declared_domain` (with `https://` in front where no scheme is written), links
    `link` or `deep_link`, the package name `package`.
    """
    fields = entry.fields
    name = fields.get("name", "")
    identity = ListingEntry(
        platform=fields.get("platform") or platform,
        app_id=entry_id(entry),
        name=name,
        owner=fields.get("owner", ""),
        category=fields.get("category", ""),
        storefront=fields.get("storefront", ""),
        snapshot_time=fields.get("snapshot_time", ""),
        missing=entry.missing,
    )
    return Document(
        surface=surface,
        url=entry.follow or fields.get("url") or url,
        title=name,
        blocks=_blocks(fields),
        references=_references(entry),
        entry=identity,
        degraded=tuple(f"the entry has no `{name}`" for name in entry.missing),
    )


def entry_id(entry: EntryFields) -> str:
    """The entry's identity within its platform, the same at the next scan: app id, else package,
    original id, own address, name."""
    fields = entry.fields
    for name in ("app_id", "package", "original_id", "url"):
        if fields.get(name):
            return fields[name]
    return entry.follow or fields.get("name", "")


def _blocks(fields: dict[str, str]) -> tuple[Block, ...]:
    order = sorted(fields, key=lambda field: field != "name")
    return tuple(
        Block("listing_field", fields[field], Locator(_locator(field, fields)))
        for field in order
        if field not in _UNREAD and not (_PAGE.match(field) and field.endswith(".path"))
    )


def _locator(field: str, fields: dict[str, str]) -> str:
    page = _PAGE.match(field)
    path = fields.get(f"{page[0]}.path", "") if page else ""
    return f"{field}@{path}" if path else field


def _references(entry: EntryFields) -> tuple[Reference, ...]:
    declared = {
        domain: field
        for field in reversed(DOMAIN_FIELDS)
        for domain in entry.fields.get(field, "").split("\n")
    }
    references = [
        Reference(
            "declared_domain",
            domain if "://" in domain else f"https://{domain.lstrip('/')}",
            Locator(declared.get(domain, DOMAIN_FIELDS[0])),
            text=domain,
        )
        for domain in entry.domains
    ]
    for link in entry.links:
        web = scheme_of(link) in ("http", "https", "")
        references.append(Reference("link" if web else "deep_link", link, Locator("links")))
    package = entry.fields.get("package", "")
    if package:
        references.append(Reference("package", package, Locator("package")))
    return tuple(references)
