"""Reads usage and cost exports of OpenAI.

Fields and their meaning are those of the openai SDK 3.57.0 (`types/admin/organization/usage_*_response.py`), which documents
the usage and costs API. The CSV exports of the dashboard have the same names, flattened, and one row without values per
bucket without usage; public copies of both are in the repository xavierjflanagan/Guardian (`openai-usage-and-cost-report`, 2025) and
in the tests of `openai_dashboard_cost_to_aiecon.py` (2026). Line items of costs have the form
`batch | gpt-5.6, cached input, long context`. The older `/v1/usage` answer is documented by elastic/beats
(`x-pack/metricbeat/module/openai/usage`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from surfacelint.review.usage.export_fields import ExportFields
from surfacelint.review.usage.usage_rows import UsageRow, UsageSurface, surface_of_tier

_RESULT = re.compile(r"organization\.(?:usage\.)?(\w+)\.result")
_LINE_ITEM = re.compile(r"(?:(\w+) \| )?([^,| ]+)(?: \w+)?, [^|]*")
_ENDPOINTS = {
    "completions": "completions",
    "embeddings": "embeddings",
    "moderations": "moderations",
    "decisions": "decisions",
    "images": "images",
    "audio_speeches": "audio",
    "audio_transcriptions": "audio",
}
_NOT_REQUESTS = frozenset({"vector_stores", "code_interpreter_sessions", "file_searches", "web_searches"})
_OPERATIONS = {
    "completion": "completions",
    "completion-realtime": "completions",
    "embeddings": "embeddings",
    "moderations": "moderations",
    "generations": "images",
    "edits": "images",
}
_OLD_BUCKET = timedelta(minutes=5)
"""The length of a bucket of `/v1/usage`, of which only the start is stated."""

_GROUPS = ("project_id", "user_id", "api_key_id", "size", "source", "api_source")


def bucket_rows(fields: ExportFields) -> Iterator[UsageRow]:
    """Yield the rows of a time bucket of the usage or costs API. Raises UsageError."""
    start, end = fields.required_time("start_time"), fields.required_time("end_time")
    empty = True
    for result in fields.items("results"):
        kind = _RESULT.fullmatch(result.text("object"))
        if kind is None:
            raise result.error("object", "not a result of the usage or costs API; export the file again")
        if kind[1] == "costs":
            empty = False
            yield _cost_row(result, start, end, result.inner("amount"), "value", "currency")
        elif kind[1] not in _NOT_REQUESTS:
            empty = False
            yield _usage_row(result, start, end, _ENDPOINTS.get(kind[1], kind[1]))
    if empty:
        yield _empty(fields, start, end)


def usage_table_rows(fields: ExportFields) -> Iterator[UsageRow]:
    """Yield the rows of a line of the usage CSV. Raises UsageError."""
    start, end = fields.required_time("start_time", "start_time_iso"), fields.required_time("end_time", "end_time_iso")
    if "num_model_requests" not in fields or "num_requests" in fields.names():  # web searches are made by requests that count already
        yield _empty(fields, start, end)
    else:
        yield _usage_row(fields, start, end, _table_endpoint(fields.names()))


def cost_table_rows(fields: ExportFields) -> Iterator[UsageRow]:
    """Yield the rows of a line of the cost CSV. Raises UsageError."""
    start, end = fields.required_time("start_time", "start_time_iso"), fields.required_time("end_time", "end_time_iso")
    yield (
        _cost_row(fields, start, end, fields, "amount_value", "amount_currency") if "amount_value" in fields else _empty(fields, start, end)
    )


def old_rows(fields: ExportFields) -> Iterator[UsageRow]:
    """Yield the rows of a record of the older `/v1/usage`, or of a table made from it. Raises UsageError."""
    start = fields.required_time("aggregation_timestamp", "timestamp")
    model = fields.text("snapshot_id", "model_id", "model")
    operation = fields.text("operation")
    batch = fields.text("request_type").lower() == "batch"
    yield UsageRow(
        line=fields.line,
        identity=(str(start), model, operation, fields.text("request_type"), *_texts(fields)),
        start=start,
        end=start + _OLD_BUCKET,
        provider="openai",
        model=model,
        endpoint="audio" if "num_seconds" in fields or "num_characters" in fields else _OPERATIONS.get(operation),
        surface="batch" if batch else "unknown",
        requests=fields.count("n_requests", "num_requests"),
        input_tokens=fields.count("n_context_tokens_total"),
        cached_tokens=fields.count("n_cached_context_tokens_total"),
        output_tokens=fields.count("n_generated_tokens_total"),
    )


def _usage_row(fields: ExportFields, start: datetime, end: datetime, endpoint: str | None) -> UsageRow:
    model, tier = fields.text("model"), fields.text("service_tier")
    return UsageRow(
        line=fields.line,
        identity=("usage", str(start), str(end), endpoint or "", model, tier, str(fields.switch("batch")), *_texts(fields)),
        start=start,
        end=end,
        provider="openai",
        model=model,
        endpoint=endpoint,
        surface="batch" if fields.switch("batch") else surface_of_tier(tier or ("" if fields.switch("batch") is None else "default")),
        requests=fields.count("num_model_requests"),
        input_tokens=fields.count("input_tokens"),
        cached_tokens=fields.count("input_cached_tokens"),
        output_tokens=fields.count("output_tokens"),
    )


def _cost_row(fields: ExportFields, start: datetime, end: datetime, amount: ExportFields, value: str, currency: str) -> UsageRow:
    item = fields.text("line_item")
    parts = _LINE_ITEM.fullmatch(item)
    return UsageRow(
        line=fields.line,
        identity=("cost", str(start), str(end), item, *_texts(fields)),
        start=start,
        end=end,
        provider="openai",
        model=parts[2] if parts else "",
        endpoint=None if parts or not item else item,
        surface=_surface(parts[1]) if parts else "unknown",
        cost=amount.amount(value),
        currency=amount.text(currency).upper() or "USD",
    )


def _surface(tier: str | None) -> UsageSurface:
    return surface_of_tier(tier or "")


def _empty(fields: ExportFields, start: datetime, end: datetime) -> UsageRow:
    return UsageRow(line=fields.line, identity=(), start=start, end=end, provider="openai")


def _texts(fields: ExportFields) -> tuple[str, ...]:
    return tuple([fields.text(name) for name in _GROUPS])


def _table_endpoint(columns: frozenset[str]) -> str | None:
    """Return the endpoint that a table of the dashboard is about. Embeddings and moderations have the same columns."""
    if "images" in columns:
        return "images"
    if columns & {"characters", "seconds"}:
        return "audio"
    return "completions" if "output_tokens" in columns else None
