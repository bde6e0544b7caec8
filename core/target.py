"""Where to look: the schema of `catalogue/targets/*.yaml`, with every default in one place."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from core.document import Surface
from core.errors import BadInput
from core.listing_source import HtmlListing, ListingSource
from core.recheck import RecheckPlan
from core.retention import Retention
from core.schedule import Expectations, Schedule
from core.strict_yaml import did_you_mean, load_yaml

Rendering = Literal["never", "auto", "always"]


class Scope(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How far a crawl goes. `depth` counts links from a seed (0 = the seeds alone)."""

    depth: int = 3
    max_pages: int = 500
    stay_on: Literal["registrable_domain", "host", "anywhere"] = "registrable_domain"
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    first_page: int = 0
    """Of a listing whose pages are numbered, the first one read; 0 or 1 = from its seed."""
    last_page: int = 0
    """The last one read; 0 = to the listing's end."""


class Politeness(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a crawl behaves. Relaxing any of it needs `reason`, which scans and reports show."""

    obey_robots: bool = True
    autothrottle: bool = True
    delay_seconds: float = 0.0
    concurrent_requests_per_host: int = 8
    user_agent: str = ""
    reason: str = ""

    def relaxed(self) -> list[str]:
        """Names of the settings that are less polite than the defaults."""
        default = Politeness()
        relaxed = []
        if not self.obey_robots:
            relaxed.append("obey_robots")
        if not self.autothrottle:
            relaxed.append("autothrottle")
        if self.concurrent_requests_per_host > default.concurrent_requests_per_host:
            relaxed.append("concurrent_requests_per_host")
        if self.user_agent:
            relaxed.append("user_agent")
        return relaxed


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds on what hostile content may cost."""

    timeout_seconds: float = 30.0
    max_response_bytes: int = 20 * 1024 * 1024
    max_redirects: int = 10
    max_picture_pixels: int = 40_000_000
    max_picture_bytes: int = 10 * 1024 * 1024
    max_pictures_per_page: int = 40
    picture_seconds: float = 10.0
    """What reading the codes of one picture may take before its reader is ended."""
    max_pdfs_per_page: int = 5
    """PDFs read of those that a page links to or frames."""
    max_pdf_pages: int = 20
    """Pages read of one PDF, the first ones."""
    pdf_seconds: float = 30.0
    """What reading one PDF may take before its reader is ended."""
    words_seconds: float = 120.0
    """How long a scan may read words in pictures, all pictures together; 0 = not at all."""
    render_seconds: float = 20.0
    max_wait_seconds: float = 120.0
    """How long a host that answers 429 may ask to be left alone (Retry-After); longer is a gap."""
    """What loading one page in the browser may take; settling and picture have as much again."""
    max_frames: int = 50
    """Documents that the frames of a rendered page may load."""
    max_page_requests: int = 1_000
    """Pictures, scripts, styles and calls that a rendered page may ask for."""
    max_tunnel_bytes: int = 100 * 1024 * 1024
    """What one connection of the browser may carry; a plain one has max_response_bytes."""
    max_pages_per_host: int | None = None
    """Links followed on one host of the target; None = as many as scope.max_pages."""
    max_stale_pages: int = 50
    """Pages whose addresses have one shape that may give nothing new: see docs/capture-guard.md."""
    max_segment_repeats: int = 3
    """How often one folder may stand in the path of a link: `/a/b/a/b/a` has it three times."""
    max_package_bytes: int = 256 * 1024 * 1024
    """The largest application or mini-program package that is fetched or read."""
    max_packages: int = 50
    """Packages fetched in one scan because listing entries link them; 0 = none."""
    package_seconds: float = 120.0
    """What reading one package may take before its reader is ended."""
    max_link_hops: int = 8
    """Addresses behind one short link, redirector or QR payload; 0 = none is resolved."""
    link_seconds: float = 30.0
    """What resolving one link may take, waiting for its turn included; one hop gets half of it."""
    max_links_resolved: int = 200
    """Different links resolved in one scan; 0 = none."""
    max_profile_pages: int = 100
    """Pages of a scan seen under every client profile; after them only those with a finding are."""
    max_profile_takes: int = 6
    """How often a page that differs is seen under each profile at most; 2 or more to call anything
    cloaking."""
    suspicious_links_per_page: int = 5
    """Ordinary links out of blocks that read like a promotion, resolved for one page; 0 = none."""
    max_suspicious_links: int = 50
    """Different ones of these in one scan, beside `max_links_resolved`."""
    max_gaps: int | None = None
    """A scan with more gaps than this ends with exit status 3; None = one in five surfaces."""

    @property
    def resolves_links(self) -> bool:
        """Whether opaque links are followed to their end at all."""
        return min(self.max_link_hops, self.max_links_resolved) > 0 and self.link_seconds > 0


class Network(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Addresses or host names outside the public internet that this target may reach, by name:
    `127.0.0.1`, `10.2.0.0/16`, `intranet.example`."""

    allow: tuple[str, ...] = ()


class ExportListing(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="export"
):
    """An export, JSON as well as JSON Lines being `jsonl`; `columns` maps our field names to the
    file's where they differ. `keep_entries` false: of entries that are clear nothing is kept that
    a later change could be compared with, which makes a first scan nearly four times as fast.

    Seeds are paths relative to the target file, or URLs: `https://`, or of object storage.
    """

    format: Literal["csv", "jsonl", "parquet"] = "jsonl"
    columns: dict[str, str] = {}
    encoding: str = ""
    keep_entries: bool = True


Source = ListingSource | ExportListing


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where to look, how far, how politely."""

    id: str
    title: str
    surface: Surface
    seeds: tuple[str, ...]
    platform: str = ""
    source: Source | None = None
    scope: Scope = Scope()
    rendering: Rendering = "auto"
    politeness: Politeness = Politeness()
    limits: Limits = Limits()
    network: Network = Network()
    profiles: tuple[str, ...] = ()
    """Client profiles (catalogue/profiles.yaml) as which pages are seen besides the crawl under the
    product's own name; needs `politeness.reason`."""
    pictures: bool = True
    """Whether pictures are fetched to be searched for QR codes; those at hand always are."""
    second_person: bool = False
    """Whether a notice is approved by somebody else than the one who prepared it."""
    recheck: RecheckPlan = RecheckPlan()
    """When a surface is looked at again after a notice was sent, and when it is overdue."""
    retention: Retention = Retention()
    """How long what was seen is kept before `promowatch purge` may remove it."""
    schedule: str | Schedule = ""
    """A cron expression in the team's time zone, or all of a Schedule; empty = only when asked."""
    expectations: Expectations = Expectations()

    @property
    def timing(self) -> Schedule | None:
        """When it is scanned by itself; None = only when asked."""
        if isinstance(self.schedule, Schedule):
            return self.schedule
        return Schedule(cron=self.schedule) if self.schedule else None

    def __post_init__(self) -> None:
        if not self.seeds:
            raise ValueError("a target needs at least one seed")
        if self.surface in ("app_listing", "mini_program") and self.source is None:
            raise ValueError(f"a target of surface {self.surface} needs a `source`")
        scrolls = self.source.scrolls if isinstance(self.source, HtmlListing) else 0
        if scrolls and self.rendering == "never":
            raise ValueError("`source.scrolls` needs the browser, which `rendering` forbids")
        if self.profiles and (self.surface != "marketing_page" or self.source is not None):
            raise ValueError("`profiles` are for targets of surface marketing_page")
        if len(set(self.profiles)) != len(self.profiles):
            raise ValueError("`profiles` names a profile twice")
        if self.profiles and not self.politeness.reason:
            raise ValueError(
                "`profiles` look at pages under other names without a `politeness.reason`; "
                "write why they may (own platform, authorised check)"
            )
        relaxed = self.politeness.relaxed()
        if relaxed and not self.politeness.reason:
            raise ValueError(
                f"politeness relaxes {', '.join(relaxed)} without a `reason`; write why it may"
            )


class TargetFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of `catalogue/targets/`: a platform and its targets."""

    targets: tuple[Target, ...]


def load_targets(folder: Path) -> dict[str, Target]:
    """All targets below `folder`, by id.

    Raises CatalogueError on the first wrong line; an id used twice names both places.
    """
    found: dict[str, Target] = {}
    for path in sorted(folder.glob("*.yaml")):
        source = load_yaml(path, TargetFile)
        for position, target in enumerate(source.value.targets):
            if target.id in found:
                raise source.error(f"duplicate target id `{target.id}`", "targets", position, "id")
            found[target.id] = _rooted(target, path.parent)
    return found


def load_target_file(path: Path) -> tuple[Target, ...]:
    """The targets of one file outside the catalogue. Raises CatalogueError."""
    targets = load_yaml(path, TargetFile).value.targets
    return tuple(_rooted(target, path.parent) for target in targets)


def _rooted(target: Target, folder: Path) -> Target:
    """Seeds that are paths are relative to the folder of their target file."""
    seeds = tuple(s if "://" in s else str((folder / s).resolve()) for s in target.seeds)
    return msgspec.structs.replace(target, seeds=seeds)


def target_by_id(targets: dict[str, Target], target_id: str) -> Target:
    """The target called `target_id`; BadInput names the nearest ids when there is none."""
    if target_id in targets:
        return targets[target_id]
    raise BadInput(
        f"unknown target `{target_id}`{did_you_mean(target_id, targets)}",
        hint="`promowatch targets` lists them; a URL starts with http:// or https://, "
        "a file must exist",
    )
