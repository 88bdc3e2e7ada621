"""Wording shared by the messages of all rules: what repeats, who waits, and the remedy."""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.catalogue.provider_rows import BatchApi
from surfacelint.model.findings import Answers, Finding, RuleInfo
from surfacelint.model.workloads import FOR_BATCHES, ProgressDisplay, Workload


def finding(workload: Workload, info: RuleInfo, message: str, help_text: str = "") -> Finding:
    """Return the finding of a rule at the call site of a workload. Each line of `help_text` is one step of the remedy."""
    return Finding(
        rule=info,
        message=message,
        location=workload.site,
        trace=workload.trace,
        help=help_text,
        function=workload.function,
        call=workload.call,
        workload=f"{workload.function}:{workload.call}:{workload.endpoint.path}",
        answers=Answers(_is_waiting(workload), _is_independent(workload), _is_worth_it(workload), workload.kind in FOR_BATCHES),
    )


def _is_waiting(workload: Workload) -> str:
    entry = workload.waiting.entry
    return f"{workload.waiting.answer} ({entry})" if entry else workload.waiting.answer


def _is_independent(workload: Workload) -> str:
    if workload.repetition is None:
        return "nothing repeats the call"
    if workload.independence.independent:
        return "yes"
    carrier = workload.independence.carrier
    return f"no (`{carrier}` carries data from one item to the next)" if carrier else "no"


def _is_worth_it(workload: Workload) -> str:
    declared, volume = workload.declared, workload.volume
    facts = [f"declared: {declared.volume:,.4g} calls per day"] if declared.volume is not None else []
    if declared.deadline is not None:
        facts.append(f"declared: answers within {declared.deadline:g} h")
    if volume.bound is not None:
        facts.append(f"{'' if volume.exact else 'at most '}{volume.bound:,} items per run")
    return "; ".join(facts) or ("unknown number of items" if workload.repetition is not None else "unknown number of calls")


def runs(workload: Workload) -> str:
    """Return how often the call runs, such as `ask` runs once per item of `reviews`."""
    repetition = workload.repetition
    if repetition is None:
        return f"`{workload.spelled}` runs"
    where = f" of `{repetition.items}`" if repetition.items else ""
    if repetition.kind == "rows":
        return f"`{repetition.via}` sends one request per row{where}"
    if repetition.location == workload.site:
        return f"`{repetition.via}` sends one request per item{where}"
    if not repetition.items:
        return f"`{workload.spelled}` runs once per iteration of a loop"
    return f"`{workload.spelled}` runs {repetition.often or f'once per item{where}'}"


def progress_over_serial_requests(workload: Workload, info: RuleInfo, display: ProgressDisplay, verb: str) -> Finding:
    """Return the finding that `display` shows or reports (`verb`) the progress of requests that run one after another."""
    is_watched = workload.waiting.answer == "yes" or display.audience == "browser"
    advice = "run the requests concurrently" if is_watched else remedy(workload)
    message = f"`{display.name}` {verb} progress, but {runs(workload)}, one after another: {advice}"
    return finding(workload, info, message, "" if is_watched else batch_help(workload))


def no_user_waits(workload: Workload) -> str:
    """Return that no user waits, with the entry point that decides it, or that no waiting user is known."""
    waiting = workload.waiting
    if waiting.answer == "no":
        return f"no user waits ({waiting.entry})" if not waiting.entry.startswith("script") else "no user waits"
    return "no known user waits"


def batch_api(workload: Workload) -> BatchApi | None:
    """Return the batch API that accepts the request, `None` if there is none or another provider may answer."""
    return workload.provider.batch if workload.endpoint.batch and not workload.alternatives else None


def remedy(workload: Workload) -> str:
    """Return the remedy for the headline: a list of inputs in one request, or one batch."""
    return list_remedy(workload) if workload.endpoint.takes_list else batch_remedy(workload)


def batch_remedy(workload: Workload) -> str:
    """Return `submit as one batch`, or as many in turn as an item takes, with the name and the discount of the batch API."""
    stages = workload.stages
    batches = "one batch" if stages == 1 else f"{stages or 'several'} batches in turn"
    return f"submit as {batches}{_by_whom(workload)}"


def _by_whom(workload: Workload) -> str:
    """Return the batch API in parentheses; if several providers may answer, none is named."""
    if workload.alternatives:
        every = all(provider.batch is not None for provider in (workload.provider, *workload.alternatives))
        return " (each provider has a batch API)" if every else " if the provider has a batch API"
    api = batch_api(workload)
    return "" if api is None else f" ({describe(api)})"


def queue_remedy(workload: Workload) -> str:
    """Return the remedy for requests that arrive one by one: collect their inputs first."""
    if workload.endpoint.takes_list:
        return f"queue the inputs and {list_remedy(workload)}"
    return f"queue the inputs for a batch{_by_whom(workload)}"


def list_remedy(workload: Workload) -> str:
    """Return how to send many inputs in one request, such as: pass a list of all inputs to `client.embeddings.create`."""
    limit = workload.endpoint.limit
    if workload.endpoint.list_input:
        to = "in the body of the request" if workload.posted else f"to `{workload.request}`"
        verb = "send" if workload.posted else "pass"
        return f"{verb} a list of all inputs {to} ({f'up to {limit:,}' if limit else 'many'} per request)"
    return f"use `{workload.endpoint.list_twin}`, which takes a list of all inputs"


def describe(api: BatchApi) -> str:
    """Return the name of a batch API with its documented discount: `OpenAI Batch API, 50% off`."""
    return api.title if api.discount is None else f"{api.title}, {api.discount:.0%} off"


def _rounds(workload: Workload) -> str:
    """Return how many requests an item takes, where it is not one."""
    if not workload.stages:
        return "the item decides how many requests it takes, one after the other"
    return f"an item takes {workload.stages} requests, one after the other"


def batch_help(workload: Workload) -> str:
    """Return the steps of moving to the batch API, one per line; empty if the remedy is no batch."""
    if workload.endpoint.takes_list or not workload.endpoint.batch:
        return ""
    if workload.alternatives:
        return "\n".join(_choices(workload))
    api = batch_api(workload)
    if api is None:
        return ""
    room = f", up to {api.max_requests:,} per batch" if api.max_requests else ""
    steps = [] if workload.stages == 1 else [f"{_rounds(workload)}: submit a batch for each, with what the batch before it answered"]
    steps.append(f"collect the requests{f', each with a `{api.key}`' if api.key else ''}{room}")
    if workload.posted and api.post:
        steps.append(f"submit the batch: {api.post}")
    elif api.submit:
        steps.append(f"submit the batch with {api.submit}")
    if api.window:
        steps.append(f"collect the results within {api.window}")
    if api.key and api.order == "unordered":
        steps.append(f"join results by `{api.key}`: they arrive in any order")
    return "\n".join(steps)


def _choices(workload: Workload) -> Iterator[str]:
    """Yield how to submit a batch to each provider that may answer."""
    yield "collect the requests for each provider, and submit a batch to each"
    for provider in (workload.provider, *workload.alternatives):
        api = provider.batch
        if api is None:
            yield f"{provider.title}: no batch API"
        else:
            how = api.post if workload.posted and api.post else api.submit
            yield f"{describe(api)}{f': {how}' if how else ''}"


def window_help(workload: Workload) -> str:
    """Return when the results of a batch arrive, as documented by the provider."""
    api = workload.provider.batch
    return f"the results of the batch arrive {f'within {api.window}' if api is not None and api.window else 'hours later'}"
