"""Reads observations that Langfuse exported.

- The UI and API export camel case: langfuse/langfuse, `observations_converters.ts` and `transformStreamToCsv.ts`. Cells of usage and
  cost hold JSON. Before version 3, cells had `promptTokens`, and costs a dollar sign.
- The export to blob storage has snake case: langfuse.com, "Blob storage export field reference".

`latency` is in seconds or milliseconds, depending on the version, so durations are the differences of times. Observations
other than generations and embeddings contain requests or are none. Failed ones do not count.
"""

from __future__ import annotations

from collections.abc import Iterator

from surfacelint.review.usage.export_fields import ExportFields
from surfacelint.review.usage.usage_rows import UsageRow, surface_of_tier

_ENDPOINTS = {"": "completions", "GENERATION": "completions", "EMBEDDING": "embeddings"}


def observation_rows(fields: ExportFields) -> Iterator[UsageRow]:
    """Yield the row of an observation. Raises UsageError."""
    start = fields.required_time("startTime", "start_time")
    end = fields.time("endTime", "end_time") or start
    kind = fields.text("type").upper()
    model = fields.text("model", "providedModelName", "provided_model_name")
    if kind not in _ENDPOINTS or fields.text("level").upper() == "ERROR" or not (model or kind):
        yield UsageRow(line=fields.line, identity=(), start=start, end=end)
        return
    if end < start:
        raise fields.error("endTime", "the observation ends before it starts; export the file again")
    usage = fields.inner("usageDetails" if "usageDetails" in fields else "usage_details")
    parameters = fields.inner("modelParameters" if "modelParameters" in fields else "model_parameters")
    inputs, cached = _input_tokens(usage)
    yield UsageRow(
        line=fields.line,
        identity=("observation", fields.required_text("id")),
        start=start,
        end=end,
        model=model,
        endpoint=_ENDPOINTS[kind],
        surface=surface_of_tier(parameters.text("service_tier") or "default"),
        requests=1,
        input_tokens=inputs if inputs is not None else fields.count("inputUsage", "promptTokens"),
        cached_tokens=cached,
        output_tokens=_total(usage, "output") if usage.names() else fields.count("outputUsage", "completionTokens"),
        cost=fields.amount("totalCost", "calculatedTotalCost", "total_cost"),
        seconds=(end - start).total_seconds() if end > start else None,
    )


def _input_tokens(usage: ExportFields) -> tuple[int | None, int | None]:
    """Return all input tokens, and those from a cache. Langfuse lists them apart: `input` and `input_cached_tokens`."""
    cached = [usage.count(name) for name in usage.names() if name in ("input_cached_tokens", "cache_read_input_tokens", "input_cache_read")]
    return _total(usage, "input", "cache_read_input_tokens", "cache_creation_input_tokens"), _known_sum(cached)


def _total(usage: ExportFields, prefix: str, *others: str) -> int | None:
    return _known_sum([usage.count(name) for name in usage.names() if name.startswith(prefix) or name in others])


def _known_sum(counts: list[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
