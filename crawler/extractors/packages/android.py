"""What an Android manifest declares: package, deep links, domains, applications it looks for."""

from __future__ import annotations

from crawler.extractors.packages.contents import Contents
from crawler.extractors.packages.xml_element import XmlElement
from crawler.extractors.prose import is_prose

_MOST_PAIRS = 60
_WEB = ("http", "https")


def read_manifest(contents: Contents, elements: list[XmlElement], member: str) -> None:
    """Identity and references of a manifest; every value that is written out is text too."""
    schemes: dict[str, None] = {}
    hosts: dict[str, None] = {}
    for element in elements:
        values = element.attributes
        if element.name == "manifest":
            _identify(contents, values.get("package", ""), member)
        elif element.name == "application" and is_prose(values.get("label", "")):
            contents.identity.name = contents.identity.name or values["label"][:200]
        elif element.name == "intent-filter":
            _declare(contents, schemes, hosts, member)
            schemes, hosts = {}, {}
        elif element.name == "data":
            schemes.update({values["scheme"]: None} if values.get("scheme") else {})
            hosts.update({values["host"]: None} if values.get("host") else {})
        elif element.name == "package" and values.get("name"):
            address = f"market://details?id={values['name']}"
            contents.add_reference("deep_link", address, member, "queries", values["name"])
        _read_values(contents, element, member)
    _declare(contents, schemes, hosts, member)


def read_elements(contents: Contents, elements: list[XmlElement], member: str) -> None:
    """Layouts, and network rules: `<domain>` of a `domain-config` may be asked for data."""
    for before, element in zip((XmlElement("", 0), *elements), elements, strict=False):
        if before.name == "domain" and not element.name and "." in element.text:
            host = element.text.strip().lower()
            contents.add_reference("declared_domain", f"https://{host}", member, "domain", host)
        _read_values(contents, element, member)


def _read_values(contents: Contents, element: XmlElement, member: str) -> None:
    for key, value in (*element.attributes.items(), ("text", element.text)):
        if "://" in value or "www." in value:
            contents.add_addresses(value, member)
        if key != "package" and is_prose(value):
            contents.add_text("visible", value, member, f"{element.name}@{key}"[:80])


def _identify(contents: Contents, package: str, member: str) -> None:
    if package and not contents.identity.app_id:
        contents.identity.platform = "android"
        contents.identity.app_id = package[:200]
        contents.add_reference("package", package[:200], member, "package")


def _declare(
    contents: Contents, schemes: dict[str, None], hosts: dict[str, None], member: str
) -> None:
    """An intent filter's links: each of its schemes goes with each of its hosts."""
    if any(scheme in _WEB for scheme in schemes):
        for host in list(hosts)[:_MOST_PAIRS]:
            domain = host.lstrip("*.").lower()
            if "." not in domain:
                continue
            contents.add_reference(
                "declared_domain", f"https://{domain}", member, "intent-filter", host
            )
    own = [scheme for scheme in schemes if scheme not in _WEB][:_MOST_PAIRS]
    for scheme in own:
        for host in list(hosts)[:_MOST_PAIRS] or [""]:
            contents.add_reference("deep_link", f"{scheme}://{host}", member, "intent-filter")
