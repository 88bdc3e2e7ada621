"""Completes provider rows: endpoints on each client, endpoints of a provider that this one is `like`, and shared batch APIs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from surfacelint.catalogue.loading import CatalogueError, suggestion
from surfacelint.catalogue.provider_rows import BatchApi, Client, Endpoint, Provider


def expanded(rows: Iterable[Provider]) -> dict[str, Provider]:
    """Return the providers by name, each with its batch API and with its endpoints on each of its clients.

    Raises CatalogueError for an unknown provider in `like` or `batch_of`.
    """
    providers = {row.name: row for row in rows}
    for provider in providers.values():
        for name in (provider.like, provider.batch_of):
            if name and name not in providers:
                raise CatalogueError(f"provider {provider.name}: there is no provider {name!r}{suggestion(name, providers)}")
    return {name: _with_endpoints(row, providers.get(row.like), _batch(row, providers)) for name, row in providers.items()}


def _batch(provider: Provider, providers: Mapping[str, Provider]) -> BatchApi | None:
    """Return the batch API of a provider, or that of `batch_of` with the provider's own note."""
    if provider.batch is not None or not provider.batch_of:
        return provider.batch
    shared = providers[provider.batch_of].batch
    return shared and replace(shared, note=provider.note or shared.note)


def _with_endpoints(provider: Provider, like: Provider | None, batch: BatchApi | None) -> Provider:
    rows = provider.endpoints
    if like is not None:
        own = {row.path for row in rows}
        rows += tuple(row for row in like.endpoints if row.path.startswith(".") and row.path not in own)
    endpoints = [_at(row.path, row, provider, None, batch) for row in rows if not row.path.startswith(".")]
    relative = [(row, row.path.removesuffix(".")) for row in rows if row.path.startswith(".")]
    for client in provider.clients:
        instance = client.path if client.path.endswith((")", "]")) else f"{client.path}()"
        carried = (pair for pair in relative if client.batch or not pair[0].surface.startswith("batch-"))
        endpoints += [_at(instance + path, row, provider, client, batch) for row, path in carried]
    return replace(provider, title=provider.title or provider.name, batch=batch, endpoints=tuple(endpoints))


def _at(path: str, row: Endpoint, provider: Provider, client: Client | None, batch: BatchApi | None) -> Endpoint:
    """Return the endpoint of `row` at the absolute `path`, on `client` if the row is relative to one."""
    local = provider.role == "local" and row.surface in {"realtime", "pseudo-batch"}
    movable = batch is not None and not local and (client is None or client.batch)
    # Written out, because every start makes thousands of these, and `replace` is several times slower.
    return Endpoint(
        provider=provider.name,
        path=path,
        surface="local" if local else row.surface,
        kind=row.kind,
        mode="async" if client is not None and client.mode == "async" else row.mode,
        batch=row.batch if movable else "",
        list_input=row.list_input,
        list_twin=row.list_twin,
        stream=row.stream,
        chain=row.chain,
        requires=row.requires,
        tells=row.tells,
        stateful=row.stateful or (client is not None and client.stateful),
        argument=row.argument,
        keywords=row.keywords,
        files=row.files,
        limit=row.limit,
        list_keys=row.list_keys,
        list_result=row.list_result,
        until=row.until,
        note=row.note,
    )
