"""The verdict on a call site: what the findings of `check` ask for, or why nothing is to be done."""

from __future__ import annotations

from collections.abc import Sequence

from surfacelint.model.finding_messages import no_user_waits
from surfacelint.model.findings import Finding
from surfacelint.model.workloads import Workload
from surfacelint.review.records import Offer, Surface, Verdict
from surfacelint.review.surfaces import is_single
from surfacelint.system.records import record

_LIST = frozenset({"SRF104"})
_BULK = frozenset({"SRF101", "SRF102", "SRF103", "SRF105", "SRF106", "SRF301", "SRF302", "SRF304", "SRF305", "SRF306"})
_WAITED_BATCH = frozenset({"SRF201", "SRF202"})
_FOLLOW_UP = frozenset({"SRF401", "SRF402"})
_TIER = frozenset({"SRF601"})

_DECLARED = ("it is declared as `one-off`", "the declared volume", "the declared deadline")
_FEW = ("there are at most", "there are few items")


@record(frozen=True, slots=True)
class Decided:
    """A verdict with its reason, a clause or sentence."""

    verdict: Verdict
    reason: str


def verdict(
    workloads: Sequence[Workload], findings: Sequence[Finding], suppressed: Sequence[Finding], surface: Surface, offers: Sequence[Offer]
) -> Decided:
    """Return the verdict on a call site: that of its most telling finding, otherwise why `check` reports nothing.

    `workloads` are those of the call site, the one that describes it first. A suppression comment is a decision, and a baseline is not.
    """
    known = [each for each in suppressed if each.suppressed is not None and each.suppressed.kind == "external"]
    open_findings = [*findings, *known]
    for asked in (_by_finding(each, workloads[0], offers) for each in sorted(open_findings, key=_rank)):
        return asked
    if suppressed and suppressed[0].suppressed is not None:
        why = suppressed[0].suppressed.reason
        return Decided("not worth it", f"{suppressed[0].rule.code} is suppressed by a comment{f': {why}' if why else ''}")
    return _without_finding(workloads[0], surface, offers)


def _rank(finding: Finding) -> int:
    code = finding.rule.code
    order = (_WAITED_BATCH, _LIST, _BULK, _FOLLOW_UP, _TIER)
    return next((number for number, codes in enumerate(order) if code in codes), len(order))


def _by_finding(finding: Finding, workload: Workload, offers: Sequence[Offer]) -> Decided:
    """Return what a finding asks for."""
    code, waits = finding.rule.code, workload.waiting.answer == "yes"
    reason = finding.message
    if code in _LIST or (code in _BULK and workload.endpoint.takes_list):
        return Decided("send a list", reason)
    if code in _WAITED_BATCH:
        return Decided("make realtime", reason)
    if code in _FOLLOW_UP:
        return Decided("queue the follow-up", reason)
    if code in _TIER:
        if workload.tier == "flex":
            return Decided("make realtime", reason)
        return Decided(_cheapest(offers), reason)
    if code in _BULK and not waits:
        return Decided("move to batch" if _offered(offers, "batch") or workload.alternatives else _cheapest(offers), reason)
    return Decided("right surface", reason)


def _offered(offers: Sequence[Offer], surface: Surface) -> bool:
    return any(each.surface == surface for each in offers)


def _cheapest(offers: Sequence[Offer]) -> Verdict:
    return "move to batch" if _offered(offers, "batch") else "move to flex" if _offered(offers, "flex") else "right surface"


def _without_finding(workload: Workload, surface: Surface, offers: Sequence[Offer]) -> Decided:
    waiting, once = workload.waiting, workload.repetition is None or is_single(workload)
    silence = "" if is_single(workload) and workload.silence.startswith(_FEW) else workload.silence
    if surface == "local":
        return Decided("right surface", "the model runs on the user's own hardware")
    if surface in ("batch", "flex"):
        return Decided("right surface", _batch_reason(workload, surface))
    if silence.startswith(_DECLARED) or (silence.startswith(_FEW) and waiting.answer != "yes"):
        return Decided("not worth it", silence)
    if waiting.answer == "yes":
        entry = f" ({waiting.entry})" if waiting.entry else ""
        return Decided("right surface", f"a user waits{entry}{f'; {silence}' if silence else ''}")
    if silence:
        flex = waiting.answer == "no" and not workload.independence.independent and _offered(offers, "flex")
        return Decided(
            "move to flex" if flex else "right surface", f"{silence}{'; no user waits, so the slower tier will do' if flex else ''}"
        )
    if once:
        who = no_user_waits(workload) if waiting.answer == "no" else "it is unknown whether a user waits"
        return Decided("right surface", f"one request per run; {who}")
    return Decided("right surface", "no enabled rule reports it")


def _batch_reason(workload: Workload, surface: Surface) -> str:
    if surface == "flex":
        return "the request already has the batch price"
    if workload.accepted:
        return "already a batch; the handler answers 202, so no user waits for it"
    who = "; it is unknown whether a user waits" if workload.waiting.answer == "unknown" else f"; {no_user_waits(workload)}"
    return f"already a batch{who if workload.waiting.answer != 'yes' else ''}"
