"""Turns listed workloads into the rows of a review: one per call site, with everything that the code says and no figures yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from surfacelint.facts.module_outlines import title
from surfacelint.model.findings import Finding, Location
from surfacelint.model.workloads import Kind, Workload
from surfacelint.pipeline.listed_workloads import ListedWorkload, Listing
from surfacelint.review.code_owners import CodeOwners
from surfacelint.review.prices import Prices
from surfacelint.review.records import (
    Excerpt,
    Independence,
    Place,
    Repetition,
    RepetitionKind,
    ReviewedWorkload,
    Surface,
    TraceStep,
    Volume,
    Waiting,
)
from surfacelint.review.surfaces import is_single, offers, surface_today
from surfacelint.review.verdicts import verdict
from surfacelint.review.workload_ids import identities
from surfacelint.system.records import record

_ORDER: tuple[Kind, ...] = ("repeated", "pseudo-batch", "submitted", "follow-up", "started", "scheduled", "single")
"""Kinds of workloads that describe their call site, the one to show first. The others only add findings."""


_KINDS: dict[str, RepetitionKind] = {"comprehension": "comprehension", "map": "map", "fan-out": "fan-out", "rows": "rows"}


@record(frozen=True, slots=True)
class CallSite:
    """All workloads of one call site: the one that describes it, and the findings about it."""

    main: ListedWorkload
    workloads: tuple[Workload, ...]
    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]


def rows(listing: Listing, owners: CodeOwners, prices: Prices, folder: str, repository: str) -> list[tuple[CallSite, ReviewedWorkload]]:
    """Return the call sites of a listing, sorted by place, each with its row. The verdicts know of no volume but that in the code.

    `folder` is the path of the project in the repository of the `owners`, empty or with a slash at its end.
    """
    sites = call_sites(listing)
    ids = identities([each.main for each in sites])
    return [
        (site, _row(site, id_, listing, owners.owners(folder + site.main.path), prices, repository))
        for site, id_ in zip(sites, ids, strict=True)
    ]


def call_sites(listing: Listing) -> list[CallSite]:
    """Return one call site for each row. Findings about a request inside of another workload belong to that one."""
    groups: dict[Location, list[ListedWorkload]] = defaultdict(list)
    for each in listing.workloads:
        groups[each.workload.site].append(each)
    hosts = {site for site, group in groups.items() if any(each.workload.kind in _ORDER for each in group)}
    passed = {host: {place for each in groups[host] for place in _passed(each.workload)} for host in hosts}
    home: dict[Location, Location] = {}
    for site, group in groups.items():
        home[site] = site if site in hosts else _host(site, group, passed, hosts) or site
    findings = _by_home(listing.report.findings, home)
    suppressed = _by_home(listing.report.suppressed, home)
    merged: dict[Location, list[ListedWorkload]] = defaultdict(list)
    for site in sorted(groups, key=lambda place: (place.path, place.cell or 0, place.span)):
        merged[home[site]] += groups[site]
    return [_site(site, merged[site], findings[site], suppressed[site]) for site in sorted(merged, key=_by_place)]


def _by_place(site: Location) -> tuple[str, int, object]:
    return site.path, site.cell or 0, site.span


def _site(site: Location, group: Sequence[ListedWorkload], findings: Iterable[Finding], suppressed: Iterable[Finding]) -> CallSite:
    def rank(each: ListedWorkload) -> tuple[bool, bool, int]:
        workload = each.workload
        kind = _ORDER.index(workload.kind) if workload.kind in _ORDER else len(_ORDER)
        return workload.site != site, bool(workload.silence) and workload.kind != "repeated", kind

    ordered = sorted(group, key=rank)
    return CallSite(ordered[0], tuple([each.workload for each in ordered]), tuple(findings), tuple(suppressed))


def _passed(workload: Workload) -> Iterator[Location]:
    """Yield the locations of the calls on the ways of a workload."""
    yield from (step.location for step in workload.trace)
    yield from (call for route in workload.routes for call in route.calls)


def _host(
    site: Location, group: Sequence[ListedWorkload], passed: Mapping[Location, set[Location]], hosts: set[Location]
) -> Location | None:
    """Return the call site on whose way the request of a group is, or that is on its way."""
    own = {step.location for each in group for step in each.workload.trace}
    return next((host for host in sorted(hosts, key=_by_place) if host in own or site in passed[host]), None)


def _by_home(findings: Iterable[Finding], home: Mapping[Location, Location]) -> dict[Location, list[Finding]]:
    found: dict[Location, list[Finding]] = defaultdict(list)
    for each in findings:
        if each.location in home:
            found[home[each.location]].append(each)
    return found


def _row(site: CallSite, id_: str, listing: Listing, owners: tuple[str, ...], prices: Prices, repository: str) -> ReviewedWorkload:
    listed, workload = site.main, site.main.workload
    surface = surface_today(workload)
    possible = offers(workload, surface, listing.catalogue, prices)
    decided = verdict(site.workloads, site.findings, site.suppressed, surface, possible)
    return ReviewedWorkload(
        id=id_,
        repository=repository,
        place=_place(workload.site, listed.path),
        function=title(workload.function),
        call=workload.spelled,
        owners=owners,
        provider=workload.provider.name,
        provider_title=workload.provider.title or workload.provider.name,
        other_providers=tuple([each.name for each in workload.alternatives]),
        endpoint=workload.endpoint.path,
        operation=workload.endpoint.kind,
        models=workload.models,
        repetition=_repetition(workload),
        requests_per_item=workload.stages or None,
        waiting=_waiting(workload),
        independence=_independence(workload),
        volume=_volume(workload, surface),
        surface=surface,
        verdict=decided.verdict,
        reason=decided.reason,
        rules=_codes(site.findings),
        suppressed=_codes(site.suppressed),
        remedy=tuple([line for each in site.findings[:1] for line in each.help.split("\n") if line]),
        trace=tuple(
            [
                TraceStep(_place(step.location, listing.paths.get(step.location.path, step.location.path)), step.note)
                for step in workload.trace
            ]
        ),
        excerpt=Excerpt(listed.first, listed.excerpt),
        offers=possible,
        assumptions=(),
    )


def _codes(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(sorted({each.rule.code for each in findings}))


def _place(location: Location, path: str) -> Place:
    start, end = location.span.start, location.span.end
    return Place(path, start.line, start.column + 1, end.line, end.column + 1, location.cell)


def _repetition(workload: Workload) -> Repetition:
    found = workload.repetition
    if workload.kind == "pseudo-batch" and found is None and not is_single(workload):
        return Repetition("list", "", True, "the call sends one request per input")
    if found is None or is_single(workload):
        return Repetition("once", text="once per run")
    return Repetition(_KINDS.get(found.kind, "loop"), found.items, found.concurrent, _often(workload))


def _often(workload: Workload) -> str:
    """Return the repetition in words: "once per item of `reviews`, one after another"."""
    found = workload.repetition
    assert found is not None
    if found.kind == "rows":
        often = "once per row" + (f" of `{found.items}`" if found.items else "")
    elif found.items:
        often = found.often or f"once per item of `{found.items}`"
    else:
        often = "once per iteration of a loop"
    return f"{often}, {'concurrently' if found.concurrent else 'one after another'}"


def _waiting(workload: Workload) -> Waiting:
    answer = workload.waiting.answer
    return Waiting("yes" if answer == "yes" else "no" if answer == "no" else "unknown", workload.waiting.entry)


def _independence(workload: Workload) -> Independence:
    tie = workload.independence
    if workload.repetition is None or is_single(workload) or not tie.known:
        return Independence("unknown")
    return Independence("independent" if tie.independent else "dependent", tie.carrier)


def _volume(workload: Workload, surface: Surface) -> Volume:
    """Return the volume that the code or a declaration states."""
    declared, stages = workload.declared.volume, workload.stages
    repeated = workload.repetition is not None and not is_single(workload)
    bound = workload.volume.bound if repeated else None
    if not repeated and (workload.kind != "pseudo-batch" or is_single(workload)) and surface != "batch":
        bound = 1
    per_run = float(bound * stages) if bound is not None and stages else None
    at_most = per_run is not None and repeated and not workload.volume.exact
    if declared is not None:
        return Volume("declared", per_run, None, declared * 30, at_most, "declared in a comment or in the configuration")
    if per_run is not None and repeated:
        return Volume("known", per_run, None, None, at_most, "the code")
    return Volume("unknown", per_run)
