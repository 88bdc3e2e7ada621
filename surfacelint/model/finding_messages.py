"""The words that rules share: what repeats over what, who waits, and the one best next step."""

from __future__ import annotations

from surfacelint.catalogue.provider_rows import BatchApi
from surfacelint.model.findings import Finding, RuleInfo
from surfacelint.model.workloads import ProgressDisplay, Workload


def finding(workload: Workload, info: RuleInfo, message: str, help_text: str = "") -> Finding:
    """Return the finding of a rule at the site of a workload."""
    return Finding(
        rule=info,
        message=message,
        location=workload.site,
        trace=workload.trace,
        help=help_text,
        function=workload.function,
        call=workload.call,
        workload=f"{workload.function}:{workload.call}:{workload.endpoint.path}",
    )


def runs(workload: Workload) -> str:
    """Return how often the call runs: `ask runs once per item of reviews`, `ask runs once per row of df`."""
    repetition = workload.repetition
    if repetition is None:
        return f"{workload.spelled} runs"
    where = f" of {repetition.items}" if repetition.items else ""
    if repetition.kind == "rows":
        return f"{repetition.via} sends one request per row{where}"
    if repetition.location == workload.site:
        return f"{repetition.via} sends one request per item{where}"
    if not repetition.items:
        return f"{workload.spelled} runs once per round of a loop"
    return f"{workload.spelled} runs {repetition.often or f'once per item{where}'}"


def serial_beneath(workload: Workload, info: RuleInfo, display: ProgressDisplay, does: str) -> Finding:
    """Return the finding that a display shows or reports (`does`) progress over requests that run one after another."""
    watched = workload.waiting.answer == "yes" or display.audience == "browser"
    advice = "run the requests concurrently" if watched else remedy(workload)
    message = f"{display.name} {does} progress, but beneath it {runs(workload)}, one after another: {advice}"
    return finding(workload, info, message, "" if watched else batch_help(workload))


def nobody_waits(workload: Workload) -> str:
    """Return who waits, as far as it is known."""
    waiting = workload.waiting
    if waiting.answer == "no":
        return f"nobody waits ({waiting.entry})" if not waiting.entry.startswith("script") else "nobody waits"
    return "nothing shows that a user waits"


def batch_api(workload: Workload) -> BatchApi | None:
    """Return the batch API that the request can move to."""
    return workload.provider.batch if workload.endpoint.batch else None


def remedy(workload: Workload) -> str:
    """Return the best next step: a list of inputs in one request, or one batch."""
    if workload.endpoint.takes_list:
        return list_remedy(workload)
    api = batch_api(workload)
    if api is None:
        return "submit them as one batch"
    return f"submit them as one batch ({describe(api)})"


def list_remedy(workload: Workload) -> str:
    """Return how many inputs go into one request: `give client.embeddings.create a list`."""
    limit = workload.endpoint.limit
    if workload.endpoint.list_input:
        return f"give {workload.request} a list, one request takes {f'up to {limit:,}' if limit else 'many'} inputs"
    return f"use {workload.endpoint.list_twin}, which takes a list"


def describe(api: BatchApi) -> str:
    """Return an API with its documented discount: `OpenAI Batch API, 50% off`."""
    return api.title if api.discount is None else f"{api.title}, {api.discount:.0%} off"


def batch_help(workload: Workload) -> str:
    """Return how the remedy is carried out, and what to know about it, as one paragraph."""
    api = batch_api(workload)
    if api is None or workload.endpoint.takes_list:
        return ""
    parts = [f"submit with {api.submit}" if api.submit else ""]
    if api.window:
        parts.append(f"answers within {api.window}")
    if api.max_requests:
        parts.append(f"up to {api.max_requests:,} requests a batch")
    if api.key and api.order == "unordered":
        parts.append(f"join results by {api.key}, they come in any order")
    return "; ".join(part for part in parts if part)


def batch_window(workload: Workload) -> str:
    """Return when a batch is answered: `within 24h`, as documented."""
    api = workload.provider.batch
    return f"within {api.window}" if api is not None and api.window else "hours later"
