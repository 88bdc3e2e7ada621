"""Joins measured usage with workloads: each group of usage with the one workload that can have caused it, if it is one.

A workload can have caused usage if its provider, the kind of its endpoint and its surface fit, and if the code names the model.
Usage that fits several workloads stays apart, and so does usage that fits one workload while others do not say which model
they use. A span that names its source file belongs to the workloads of that file only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath

from surfacelint.catalogue.provider_rows import Provider
from surfacelint.review.records import ReviewedWorkload
from surfacelint.review.usage.model_names import model_name
from surfacelint.review.usage.usage_rows import ENDPOINTS, Caller
from surfacelint.review.usage.usage_totals import UsageGroup, UsageTotals
from surfacelint.system.records import record

_FITTING_SURFACES: dict[str, frozenset[str]] = {
    "realtime": frozenset({"realtime", "pseudo-batch", "local"}),
    "flex": frozenset({"flex"}),
    "batch": frozenset({"batch"}),
    "unknown": frozenset({"realtime", "pseudo-batch", "flex", "batch"}),
}
_INSTALLED = frozenset({"site-packages", "dist-packages"})


@record(frozen=True, slots=True)
class Unjoined:
    """A group of usage that belongs to no workload for certain. `candidates` are the workloads that can have caused it."""

    group: UsageGroup
    reason: str
    candidates: tuple[ReviewedWorkload, ...] = ()


@record(frozen=True, slots=True)
class UsageJoin:
    """All usage: by the identity of the workload that caused it, and the rest."""

    joined: Mapping[str, tuple[UsageGroup, ...]]
    unjoined: tuple[Unjoined, ...]


def joined(totals: UsageTotals, rows: Sequence[ReviewedWorkload], providers: Mapping[str, Provider]) -> UsageJoin:
    """Join usage with workloads. `providers` are those of the catalogue, by name."""
    names = ProviderNames(providers)
    found: dict[str, list[UsageGroup]] = {}
    rest: list[Unjoined] = []
    for group in totals.groups:
        outcome = _owner(group, rows, names)
        if isinstance(outcome, Unjoined):
            rest.append(outcome)
        else:
            found.setdefault(outcome.id, []).append(group)
    return UsageJoin({id_: tuple(groups) for id_, groups in found.items()}, tuple(rest))


class ProviderNames:
    """Which providers of the catalogue an export can mean by a name."""

    def __init__(self, providers: Mapping[str, Provider]) -> None:
        self._providers = providers
        self._canonical: dict[str, set[str]] = {}
        for provider in providers.values():
            for name in (provider.name, *provider.known_as):
                self._canonical.setdefault(name.lower(), set()).add(provider.name)

    def can_mean(self, name: str, provider: str) -> bool:
        """Whether usage under the name of an export can come from code that uses a provider of the catalogue.

        An SDK without a batch API of its own, and a framework for one vendor, lead to the provider with the batch API. Other
        frameworks and gateways can lead anywhere.
        """
        row = self._providers.get(provider)
        if row is not None and row.batch_of:
            provider = row.batch_of
        elif row is not None and row.role not in ("provider", "local"):
            return True
        return provider in self._canonical.get(name.lower(), {name.lower()})


def _owner(group: UsageGroup, rows: Sequence[ReviewedWorkload], names: ProviderNames) -> ReviewedWorkload | Unjoined:
    key = group.key
    if key.endpoint is not None and key.endpoint not in ENDPOINTS:
        return Unjoined(group, "no request of code")
    if not key.model:
        return Unjoined(group, "the export does not name the model")
    fitting = [row for row in rows if _fits(group, row, names)]
    from_file = _from_file(key.caller, fitting)
    if from_file is not None:
        fitting = from_file
    used = model_name(key.model)
    named = [row for row in fitting if any(model_name(model).same(used) for model in row.models)]
    unnamed = [row for row in fitting if not row.models]
    candidates = (*named, *unnamed)
    if len(candidates) == 1 and (named or from_file is not None):
        return candidates[0]
    return Unjoined(group, _reason(len(named), len(unnamed), from_file), candidates)


def _reason(named: int, unnamed: int, from_file: Sequence[ReviewedWorkload] | None) -> str:
    if named > 1 or (from_file is not None and named + unnamed > 1):
        return f"{named + unnamed} workloads can have caused it"
    if unnamed:
        others = f"{unnamed} {'workload does' if unnamed == 1 else 'workloads do'} not name a model"
        return f"one workload names the model, but {others}" if named else f"no workload names the model, and {others}"
    if from_file is None:
        return "no workload uses this model on this surface"
    return (
        "the workloads in the file that the spans name use other models" if from_file else "no workload is in the file that the spans name"
    )


def _fits(group: UsageGroup, row: ReviewedWorkload, names: ProviderNames) -> bool:
    """Whether a workload can have caused usage, apart from the model."""
    key = group.key
    if row.surface not in _FITTING_SURFACES[key.surface]:
        return False
    if key.endpoint is not None and row.operation not in ENDPOINTS[key.endpoint] and row.operation not in ("", "job", "file"):
        return False
    if key.provider is None or key.gateway:
        return True
    return any(names.can_mean(key.provider, provider) for provider in (row.provider, *row.other_providers))


def _from_file(caller: Caller | None, rows: Sequence[ReviewedWorkload]) -> list[ReviewedWorkload] | None:
    """Return the workloads of the file and function that spans name, `None` if they name none of the user's own.

    The file may be anywhere on the way from the repetition to the request. Spans name functions as Python qualifies them, or
    by their last name; of several workloads in the file, those of the function count.
    """
    parts = _parts(caller.path) if caller is not None else ()
    if caller is None or not parts or _INSTALLED & set(parts):
        return None
    inside = [row for row in rows if any(_ends_with(parts, path) for path in (row.place.path, *(step.place.path for step in row.trace)))]
    own = [row for row in inside if caller.function and _ends_with(parts, row.place.path) and _last(row.function) == _last(caller.function)]
    return own or inside


def _parts(path: str) -> tuple[str, ...]:
    return PureWindowsPath(path).parts if "\\" in path else PurePosixPath(path).parts


def _ends_with(parts: tuple[str, ...], path: str) -> bool:
    """Whether one of two paths is the end of the other: `/app/shop/job.py` of a container and `shop/job.py` of a repository."""
    own = PurePosixPath(path).parts
    shorter = min(len(own), len(parts))
    return shorter > 0 and own[-shorter:] == parts[-shorter:]


def _last(function: str) -> str:
    return function.rpartition(".")[2]
