"""`promowatch scan`: a URL, a target or a file, to stored candidates and a table."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from core.errors import BadInput, StorageError
from core.profile import profiles_named
from core.target import (
    Limits,
    Network,
    Rendering,
    Scope,
    Target,
    load_target_file,
    load_targets,
    target_by_id,
)
from core.text import one_line
from core.urls import split_host
from crawler import Earlier, ScanRun, SpiderName, run_scan, spider_for
from crawler.sources import EXPORT_FORMATS, check_source, packages_in, sniff
from promowatch import options
from promowatch.evidence import stamp_after_scan, upload_after_scan
from promowatch.export_scan import ad_hoc_export, named_export, reads_rows, scan_export
from promowatch.outcome import exceeds_gap_limit, print_json, print_table
from promowatch.page_range import with_pages
from promowatch.progress import ProgressBar
from promowatch.taken_up import (
    Plan,
    cut_scan,
    cut_scan_of_job,
    earlier_cut,
    how_to_go_on,
    job_of_this_process,
)
from storage import RunningScan, Store, scan_resemblances

_AD_HOC_DEPTH = 2
_AD_HOC_PAGES = 200
_PACKAGE_PICTURES = 300
"""Pictures searched in one package; ordinary mini-programs have some sixty."""


def scan(
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="[TARGET]",
            help="A URL, the id of a target (see `promowatch targets`), or a file: saved HTML, "
            "PDF, WARC, a listing export (CSV, JSON Lines), a package (.wxapkg, .apk, .aab, .ipa) "
            "or a folder of packages, or a YAML file with one target.",
            show_default=False,
        ),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(
            metavar="SCAN",
            help="Go on with a scan that was cut off (killed, stopped, disk full, power failure): "
            "its number, or `last`. Target, depth and limits are those it was begun with.",
            show_default=False,
        ),
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="How many links deep to follow (0 = this page alone). "
            f"[default: {_AD_HOC_DEPTH} for a URL, else the target's]",
            show_default=False,
        ),
    ] = None,
    max_pages: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Fetch no more surfaces than this. "
            f"[default: {_AD_HOC_PAGES} for a URL, else the target's]",
            show_default=False,
        ),
    ] = None,
    render: Annotated[
        str | None,
        typer.Option(
            help="Use a browser: never, auto (script-built pages only) or always.",
            show_default=False,
        ),
    ] = None,
    pages: Annotated[
        str,
        typer.Option(
            metavar="A-B",
            help="Of a listing whose pages are numbered, read these alone; `A-` to its end.",
            show_default=False,
        ),
    ] = "",
    any_host: Annotated[
        bool, typer.Option("--any-host", help="Follow links to other domains too.")
    ] = False,
    allow_address: Annotated[
        list[str] | None,
        typer.Option(
            help="A host, address or network outside the public internet that may be "
            "reached. Repeatable.",
            show_default=False,
        ),
    ] = None,
    app_id: Annotated[
        str,
        typer.Option(
            metavar="wx...",
            help="The app id that opens an encrypted .wxapkg (of a sub-package: its main "
            "program's). Without it, the one in the file's path is tried.",
            show_default=False,
        ),
    ] = "",
    as_json: options.AsJson = False,
    lang: options.Language = "en",
    data: options.Data = options.DEFAULT_DATA,
    catalogue: options.Catalogue = options.DEFAULT_CATALOGUE,
    time_zone: options.Zone = options.DEFAULT_ZONE,
) -> None:
    """Scan a page, a site, a listing or a file, and print takedown candidates, worst first.

    [bold]Examples[/bold]

      promowatch scan https://example.com/ --depth 1

      promowatch scan demonstration

      promowatch scan saved-page.html --lang zh

      promowatch scan miniprograms.jsonl --json > candidates.jsonl

      promowatch scan __APP__.wxapkg --app-id wx0123456789abcdef

      promowatch scan "WeChat Files/Applet"

      promowatch scan --resume last

    Exit status: 0 whether or not something was found; 1 the scan failed; 2 bad input; 3 more gaps
    than the target allows; 130 stopped with Ctrl-C (what was found is kept, and --resume goes on).
    """
    if resume is not None:
        given = [
            target,
            depth,
            max_pages,
            render,
            allow_address,
            any_host or None,
            app_id or None,
            pages or None,
        ]
        if any(one is not None for one in given):
            raise BadInput(
                "--resume goes on with what the scan was begun with",
                hint="give it without a target and without options of what is scanned",
            )
        raise typer.Exit(resume_and_print(resume, data, catalogue, lang, as_json=as_json))
    if target is None:
        raise BadInput("nothing to scan", hint="give a TARGET, or --resume SCAN")
    resolved, spider = resolve(target, catalogue)
    resolved = narrowed(resolved, depth, max_pages, render, any_host, tuple(allow_address or ()))
    resolved = with_pages(resolved, pages)
    begun = cut_scan_of_job(data)
    if begun is not None:
        raise typer.Exit(resume_and_print(begun, data, catalogue, lang, as_json=as_json))
    raise typer.Exit(
        scan_and_print(
            resolved, spider, data, catalogue, lang, time_zone, as_json=as_json, app_id=app_id
        )
    )


def resolve(target: str, catalogue: Path) -> tuple[Target, SpiderName]:
    """What `target` names, and the spider that reads it. Raises BadInput."""
    export = named_export(target)
    if export is not None:
        return export, "app_listings"
    if target.startswith(("http://", "https://")):
        return _ad_hoc(target), "marketing_pages"
    known = load_targets(catalogue / "targets")
    if target in known:
        found = target_by_id(known, target)
        return _checked(found), spider_for(found)
    path = Path(target)
    if path.suffix in (".yaml", ".yml"):
        return _from_target_file(path)
    if path.exists():
        return _from_file(path)
    if "://" in target:
        raise BadInput(f"`{target.partition('://')[0]}:` is not scanned", hint="use http or https")
    if "." in target and "/" not in target:
        raise BadInput(
            f"`{target}` is neither a target nor a file", hint=f"a site is https://{target}/"
        )
    return target_by_id(known, target), "marketing_pages"


def _ad_hoc(url: str) -> Target:
    if not split_host(url):
        raise BadInput(f"`{url}` has no host name", hint="a URL looks like https://host/path")
    return Target(
        id=url,
        title=url,
        surface="marketing_page",
        seeds=(url,),
        scope=Scope(depth=_AD_HOC_DEPTH, max_pages=_AD_HOC_PAGES),
    )


def _from_target_file(path: Path) -> tuple[Target, SpiderName]:
    """The only target of a file outside the catalogue."""
    found = load_target_file(path)
    if len(found) != 1:
        raise BadInput(
            f"{path} has {len(found)} targets", hint="a file given to scan holds exactly one"
        )
    return _checked(found[0]), spider_for(found[0])


def _checked(target: Target) -> Target:
    """`target`, with its selectors tried and its files there. Raises BadInput."""
    if target.source is not None:
        check_source(target.source)
    for seed in target.seeds:
        if "://" not in seed and not Path(seed).exists():
            raise BadInput(f"target `{target.id}`: no file at {seed}")
    return target


def _from_file(path: Path) -> tuple[Target, SpiderName]:
    if path.is_dir():
        return _of_packages(path, packages_in(path)), "package_files"
    kind = sniff(path)
    if kind == "package":
        return _of_packages(path, [path]), "package_files"
    if kind in ("html", "pdf", "warc"):
        target = Target(
            id=path.name,
            title=path.name,
            surface="marketing_page",
            seeds=(str(path),),
            rendering="never",
        )
        return target, "saved_captures"
    return ad_hoc_export(path.name, str(path), EXPORT_FORMATS[kind]), "app_listings"


def _of_packages(path: Path, packages: list[Path]) -> Target:
    return Target(
        id=path.name or str(path),
        title=path.name or str(path),
        surface="marketing_page",
        seeds=tuple(map(str, packages)),
        rendering="never",
        limits=Limits(max_pictures_per_page=_PACKAGE_PICTURES, max_link_hops=0),
    )


def narrowed(
    target: Target,
    depth: int | None,
    max_pages: int | None,
    render: str | None,
    any_host: bool,
    allow: tuple[str, ...],
) -> Target:
    """`target` with what the command line says otherwise. Raises BadInput."""
    scope = target.scope
    scope = msgspec.structs.replace(
        scope,
        depth=scope.depth if depth is None else depth,
        max_pages=max_pages or scope.max_pages,
        stay_on="anywhere" if any_host else scope.stay_on,
    )
    rendering = target.rendering if render is None else render
    try:
        checked = msgspec.convert(rendering, Rendering)
    except msgspec.ValidationError:
        raise BadInput(f"--render {rendering}: use never, auto or always") from None
    network = Network(allow=target.network.allow + allow)
    return msgspec.structs.replace(target, scope=scope, rendering=checked, network=network)


def scan_and_print(
    target: Target,
    spider: SpiderName,
    data: Path,
    catalogue: Path,
    lang: str,
    time_zone: str,
    *,
    as_json: bool,
    app_id: str = "",
    lasts: bool = True,
) -> int:
    """Run the scan, print its candidates and gaps; gives the exit status. `lasts`: what is scanned
    will still be there when the scan has to be taken up again."""
    plan = Plan(
        target=target,
        spider=spider,
        time_zone=time_zone,
        app_id=_checked_id(app_id),
        job=job_of_this_process(),
    )
    _check(plan, catalogue)
    cut = earlier_cut(data, target.id)  # a folder that cannot be used is told before any fetching
    if reads_rows(target):
        run = scan_export(target, data, catalogue, time_zone, plan.app_id)
        stamp_after_scan(data)
        upload_after_scan(data, run.scan_id)
        return _print_outcome(run, target, data, lang, as_json=as_json, lasts=False)
    if cut:
        print(f"promowatch: {cut}", file=sys.stderr)
    kept = msgspec.json.encode(plan) if lasts else None
    run = _run(plan, data, catalogue, {}, plan=kept)
    return _print_outcome(run, target, data, lang, as_json=as_json, lasts=lasts)


def resume_and_print(named: str, data: Path, catalogue: Path, lang: str, *, as_json: bool) -> int:
    """Take a scan up again that was cut off; prints all that it found, before and after."""
    cut, plan = cut_scan(data, named)
    lock = RunningScan(data, cut.scan_id)
    _check(plan, catalogue)
    _checked(plan.target)
    print(
        f"promowatch: going on with scan {cut.scan_id} of {one_line(cut.target_id, 200)} "
        f"({cut.done} pages done, {cut.waiting} waiting)",
        file=sys.stderr,
    )
    with Store.open(data) as store:
        earlier = Earlier(store.reopen_scan(cut.scan_id))
    run = _run(plan, data, catalogue, {"PROMOWATCH_SCAN": cut.scan_id}, earlier=earlier)
    lock.release()
    return _print_outcome(run, plan.target, data, lang, as_json=as_json)


def _check(plan: Plan, catalogue: Path) -> None:
    options.zone(plan.time_zone)
    _check_politeness(plan.target)
    profiles_named(plan.target.profiles, catalogue)


def _run(
    begun: Plan, data: Path, catalogue: Path, settings: dict[str, Any], **arguments: Any
) -> ScanRun:
    bar = ProgressBar if sys.stderr.isatty() else None
    run = run_scan(
        begun.target,
        spider=begun.spider,
        data=data,
        catalogue=catalogue,
        extensions={bar: 500} if bar else None,
        settings={
            "PROMOWATCH_TIME_ZONE": begun.time_zone,
            "PROMOWATCH_APP_ID": begun.app_id,
            **settings,
        },
        **arguments,
    )
    stamp_after_scan(data)
    upload_after_scan(data, run.scan_id)
    return run


def _checked_id(app_id: str) -> str:
    if app_id and not re.fullmatch(r"wx[0-9a-f]{16}", app_id):
        raise BadInput(f"--app-id {app_id}: no app id", hint="it is wx and 16 digits of 0-9 a-f")
    return app_id


def _print_outcome(
    run: ScanRun, target: Target, data: Path, lang: str, *, as_json: bool, lasts: bool = True
) -> int:
    go_on = how_to_go_on(data, run.scan_id) if lasts and run.scan_id is not None else ""
    if run.failure:
        raise StorageError(run.failure, hint=go_on and f"then go on with {go_on}")
    if run.scan_id is None:
        return 1
    with Store.open(data) as store:
        summary = store.scan_summary(run.scan_id)
        candidates = store.scan_candidates(run.scan_id)
        gaps = store.gaps(run.scan_id)
        changes = store.destination_changes(run.scan_id)
        pairs = scan_resemblances(store, run.scan_id)
    if as_json:
        print_json(candidates, changes, pairs)
    else:
        print_table(summary, candidates, gaps, changes, lang, data, pairs)
    if run.finish_reason != "finished":
        said = "promowatch: stopped early; what was found is kept"
        print(f"{said}; to go on: {go_on}" if go_on else said, file=sys.stderr)
        return 130
    return 3 if exceeds_gap_limit(summary, target.limits.max_gaps) else 0


def _check_politeness(target: Target) -> None:
    politeness = target.politeness
    relaxed = politeness.relaxed()
    if target.profiles:
        print(
            f"promowatch: pages are also seen as {', '.join(target.profiles)}: {politeness.reason}",
            file=sys.stderr,
        )
    if relaxed:
        print(
            f"promowatch: politeness relaxed ({', '.join(relaxed)}): {politeness.reason}",
            file=sys.stderr,
        )
