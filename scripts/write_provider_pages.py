"""Writes a page for each provider of the catalogue to docs/providers, and a list of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from surfacelint.catalogue.index import Catalogue
from surfacelint.catalogue.provider_rows import BatchApi, Endpoint, Provider, Role, Tier
from surfacelint.codemods.loop_to_batch.request_wrapping import FEATURES

FOLDER = Path(__file__).parents[1] / "docs" / "providers"

ROLES: dict[Role, tuple[str, str, str]] = {
    "provider": ("Providers", "They serve models, each through an SDK.", "serves models through an SDK"),
    "gateway": ("Gateways", "They pass requests on to providers.", "passes requests on to providers"),
    "framework": ("Frameworks", "They send requests through the SDKs of providers.", "sends requests through the SDKs of providers"),
    "local": (
        "Local engines",
        "They run models on your own hardware. Requests to them are never reported.",
        "runs models on your own hardware, so requests to it are never reported",
    ),
    "batch-helper": (
        "Batch helpers",
        "They submit batches for you. Requests through them have the batch price already.",
        "submits batches for you, so requests through it have the batch price already",
    ),
}
"""By role: the heading of the list, what all of them do, and what one of them does."""

SINGLE = {
    "realtime": ("Realtime", "One request, one answer, at full price. Rules report it in bulk work."),
    "pseudo-batch": ("Pseudo-batch", "Named batch, but sends realtime requests: see [SRF105](../rules/pseudo-batch.md)."),
    "async-job": ("Jobs", "A job for a single request, at full price."),
    "local": ("Local", "Runs on your own hardware and is never reported."),
}
"""By surface: heading and meaning of calls that make a request each."""

BATCH = {
    "batch-build": "prepares requests",
    "batch-add": "adds requests",
    "batch-submit": "submits",
    "batch-poll": "asks for the state",
    "batch-wait": "waits for the end",
    "batch-results": "reads results",
    "batch-cancel": "cancels",
    "batch-list": "lists batches",
}
"""By surface: what calls do with a batch. Calls of surfaces that are in neither table cost nothing, and are not listed."""


def pages() -> dict[str, str]:
    """Return the text of each page by its file name."""
    catalogue = Catalogue.load()
    providers = sorted(catalogue.providers.values(), key=lambda each: each.title.lower())
    found = {f"{each.name}.md": page(each, catalogue.tiers(each.name)) for each in providers}
    return {"README.md": overview(providers, catalogue), **found}


def overview(providers: Iterable[Provider], catalogue: Catalogue) -> str:
    """Return the list of all providers, by role."""
    parts = [
        "# Providers",
        "What surfacelint knows about each SDK: its requests, its batch API and its prices. `surfacelint providers NAME` shows the "
        "same at a terminal, with the rows that you add to the [catalogue](../catalogue.md).",
    ]
    for role, (heading, text, _) in ROLES.items():
        rows = [_summary(each, catalogue.tiers(each.name)) for each in providers if each.role == role]
        parts += [f"## {heading}", text, _table(("name", "batch API", "discount", "window", "price tiers"), rows)]
    return "\n\n".join(parts) + "\n"


def _summary(provider: Provider, tiers: Iterable[Tier]) -> tuple[str, ...]:
    api = provider.batch
    facts = (api.title, _discount(api), _plain(api.window)) if api else ("none", "", "")
    return (f"[{provider.title}]({provider.name}.md)", *facts, ", ".join(dict.fromkeys(_code(tier.value) for tier in tiers)))


def page(provider: Provider, tiers: Iterable[Tier]) -> str:
    """Return the page of a provider."""
    imports = ", ".join(map(_code, provider.imports))
    source = f" What follows was read from {provider.as_of}." if provider.as_of else ""
    parts = [
        f"# {provider.title}",
        f"{provider.title} (`{provider.name}`) {ROLES[provider.role][2]}. surfacelint looks for it in files that import {imports}.{source}",
    ]
    if provider.note:
        parts.append(f"Note: {_plain(provider.note.rstrip('.'))}.")
    if provider.off_peak:
        parts.append(f"Realtime requests cost {_percent(provider.off_peak.discount)} less {provider.off_peak.hours}.")
    if provider.batch:
        parts += ["## Batch API", _moving(provider), _table(("fact", "value"), _batch_facts(provider.batch))]
    tier_rows = [(_code(f"{tier.keyword}={tier.value}"), tier.speed, _percent(tier.discount), _plain(tier.note)) for tier in tiers]
    if tier_rows:
        text = "A request without the keyword has the standard price. [SRF601](../rules/wrong-tier.md) reports tiers that do not fit."
        parts += ["## Price tiers", text, _filled_columns(("keyword", "speed", "discount", "note"), tier_rows)]
    return "\n\n".join([*parts, *_calls(provider)]) + "\n"


def _moving(provider: Provider) -> str:
    """Say how a loop moves to the batch API of a provider."""
    if provider.name in FEATURES:
        section = provider.title.lower().replace(" ", "-")
        return f"`check --fix --unsafe-fixes` moves loops to this API: see [from loop to batch](../loop-to-batch.md#{section})."
    return "Findings name this API, but there is no fix for it: [move the loop by hand](../loop-to-batch.md#other-providers)."


def _batch_facts(api: BatchApi) -> list[tuple[str, str]]:
    limits = [f"{api.max_requests:,} requests"] if api.max_requests else []
    limits += [f"{api.max_bytes / 1_000_000:,.0f} MB"] if api.max_bytes else []
    at_least = f" (at least {api.min_requests:,} requests)" if api.min_requests else ""
    order = {"unordered": "any", "input-order": "that of the requests", "index": "each has an index", "unspecified": ""}[api.order]
    joined = f"; join them by {_code(api.key)}{f' ({_plain(api.key_note)})' if api.key_note else ''}" if api.key else ""
    rows = [
        ("name", api.title),
        ("submit", _code(api.submit)),
        ("submit by HTTP", _plain(api.post)),
        ("one request", _code(api.item)),
        ("discount", _discount(api)),
        ("done within", _plain(api.window)),
        ("most in one batch", " and ".join(limits) + at_least),
        ("order of results", (order or "not documented") + joined),
        ("state", ", ".join(map(_code, api.status))),
        ("final states", ", ".join(map(_code, api.done))),
        ("successful states", ", ".join(map(_code, api.success))),
        ("results", ", ".join(map(_code, api.output))),
        ("answer in a result", ", ".join(map(_code, api.answers))),
        ("failed requests", _plain(api.errors)),
        ("results are kept", _plain(api.retention)),
        ("note", _plain(api.note)),
    ]
    return [(name, value) for name, value in rows if value]


def _calls(provider: Provider) -> Iterator[str]:
    """Yield the section about the calls of a provider. Calls that several clients have are listed once."""
    shown = [each for each in provider.endpoints if each.surface in SINGLE or each.surface in BATCH]
    if not shown:
        return
    yield "## Calls"
    clients = list(dict.fromkeys(client.path for client in provider.clients))
    if clients:
        yield f"A call that begins with a dot belongs to the clients: {', '.join(map(_code, clients))}."
    instances = sorted((_instance(path) for path in clients), key=len, reverse=True)
    for surface, (heading, meaning) in SINGLE.items():
        rows = [(_relative(each.path, instances), *_facts(each)) for each in shown if each.surface == surface]
        if rows:
            yield from (f"### {heading}", meaning, _filled_columns(("call", "kind", "in a batch", "list", "note"), rows))
    uses = [
        (_relative(each.path, instances), does, _plain(each.note))
        for surface, does in BATCH.items()
        for each in shown
        if each.surface == surface
    ]
    if uses:
        yield from ("### Batches", "SRF2 and SRF5 report wrong uses of these calls.", _filled_columns(("call", "does", "note"), uses))


def _facts(endpoint: Endpoint) -> tuple[str, str, str, str]:
    """Return what a call asks for, where its request can move to, how many inputs it takes, and what else there is to say."""
    takes = f"up to {endpoint.limit:,} inputs" if endpoint.limit else "many inputs"
    return endpoint.kind, _code(endpoint.batch), takes if endpoint.takes_list else "", _plain(endpoint.note)


def _filled_columns(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of distinct rows, without the columns that are empty."""
    distinct = list(dict.fromkeys(rows))
    used = [column for column in range(len(titles)) if any(row[column] for row in distinct)]
    return _table([titles[column] for column in used], [[row[column] for column in used] for row in distinct])


def _instance(client: str) -> str:
    return client if client.endswith((")", "]")) else f"{client}()"


def _relative(path: str, instances: Iterable[str]) -> str:
    """Return the code of a path without the client that it begins with; `()` for the call of the client itself."""
    found = next((each for each in instances if path == each or path.startswith(f"{each}.")), "")
    return _code(path.removeprefix(found) or "()")


def _discount(api: BatchApi) -> str:
    note = api.discount_note if api.discount is None or api.discount_note.startswith("off ") else f"({api.discount_note})"
    return f"{_percent(api.discount)} {note if api.discount_note else ''}".strip()


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _plain(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    return re.sub(r"([\[\]*<])", r"\\\1", text)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(titles)
    cells = [heads, ["---"] * len(heads), *([text.replace("|", "\\|") for text in row] for row in rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    written = pages()
    for old in FOLDER.glob("*.md"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
