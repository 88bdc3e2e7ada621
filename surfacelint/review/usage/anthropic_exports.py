"""Reads usage and cost exports of Anthropic.

- The reports of the Admin API (`usage_report/messages`, `cost_report`) are documented at platform.claude.com under
  `api/admin`. Amounts are decimal texts in cents.
- Their successors under `analytics` are those of the anthropic SDK 2.14.0 (`types/beta/organization/analytics`).
- The CSV exports of the Console have the columns that importers in public code read: `usage_date_utc, model_version, …,
  usage_output_tokens` for usage, `usage_date_utc, model, …, token_type, cost_usd` for cost. Models of the cost export have
  display names, such as `Claude Haiku 4.5`.

Only `analytics` counts requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from surfacelint.review.usage.export_fields import ExportFields
from surfacelint.review.usage.usage_rows import UsageRow, UsageSurface, surface_of_tier

ENDPOINT = "messages"
_TOKEN_COSTS = frozenset({"", "token", "tokens"})
_CACHE_WRITES = ("usage_input_tokens_cache_write_5m", "usage_input_tokens_cache_write_1h", "usage_input_tokens_cache_write")
_GROUPS = (
    "workspace_id",
    "workspace",
    "api_key_id",
    "api_key",
    "context_window",
    "inference_geo",
    "speed",
    "account_id",
    "service_account_id",
)


def bucket_rows(fields: ExportFields) -> Iterator[UsageRow]:
    """Yield the rows of a time bucket of `usage_report/messages` or `cost_report`. Raises UsageError."""
    start, end = fields.required_time("starting_at"), fields.required_time("ending_at")
    empty = True
    for result in fields.items("results"):
        empty = False
        yield _cost_row(result, result, start, end) if "amount" in result else _usage_row(result, result, start, end)
    if empty:
        yield UsageRow(line=fields.line, identity=(), start=start, end=end, provider="anthropic")


def analytics_rows(fields: ExportFields) -> Iterator[UsageRow]:
    """Yield the rows of an item of `analytics/usage` or `analytics/cost`. Raises UsageError."""
    start, end = fields.required_time("starting_at"), fields.required_time("ending_at")
    group = fields.inner("group")
    yield _cost_row(group, fields.inner("cost"), start, end) if "cost" in fields else _usage_row(group, fields.inner("usage"), start, end)


def usage_table_rows(fields: ExportFields) -> Iterator[UsageRow]:
    """Yield the row of a line of the usage CSV. Raises UsageError."""
    start, end = _period(fields)
    model, tier = fields.text("model_version"), fields.text("usage_type")
    cached = fields.count("usage_input_tokens_cache_read")
    yield UsageRow(
        line=fields.line,
        identity=("usage", str(start), model, tier, *_texts(fields)),
        start=start,
        end=end,
        provider="anthropic",
        model=model,
        endpoint=ENDPOINT,
        surface=_surface(tier),
        input_tokens=_sum(fields.count("usage_input_tokens_no_cache"), cached, *[fields.count(name) for name in _CACHE_WRITES]),
        cached_tokens=cached,
        output_tokens=fields.count("usage_output_tokens"),
    )


def cost_table_rows(fields: ExportFields) -> Iterator[UsageRow]:
    """Yield the row of a line of the cost CSV. Raises UsageError."""
    start, end = _period(fields)
    model, tier, kind = fields.text("model"), fields.text("usage_type"), fields.text("cost_type")
    yield UsageRow(
        line=fields.line,
        identity=("cost", str(start), model, tier, kind, fields.text("token_type"), *_texts(fields)),
        start=start,
        end=end,
        provider="anthropic",
        model=model,
        endpoint=ENDPOINT if kind in _TOKEN_COSTS else kind,
        surface=_surface(tier),
        cost=fields.amount("cost_usd"),
    )


def _period(fields: ExportFields) -> tuple[datetime, datetime]:
    """Return the period of a line: a day, or an hour if its time is stated."""
    start = fields.required_time("usage_date_utc")
    return start, start + (timedelta(days=1) if len(fields.text("usage_date_utc")) <= len("2026-11-01") else timedelta(hours=1))


def _usage_row(group: ExportFields, usage: ExportFields, start: datetime, end: datetime) -> UsageRow:
    model, tier = group.text("model"), group.text("service_tier")
    cached = usage.count("cache_read_input_tokens")
    written = usage.inner("cache_creation")
    writes = [written.count("ephemeral_5m_input_tokens"), written.count("ephemeral_1h_input_tokens")]
    return UsageRow(
        line=group.line,
        identity=("usage", str(start), str(end), model, tier, *_texts(group)),
        start=start,
        end=end,
        provider="anthropic",
        model=model,
        endpoint=ENDPOINT,
        surface=surface_of_tier(tier),
        requests=usage.count("requests"),
        input_tokens=_sum(usage.count("uncached_input_tokens"), cached, *writes),
        cached_tokens=cached,
        output_tokens=usage.count("output_tokens"),
    )


def _cost_row(group: ExportFields, cost: ExportFields, start: datetime, end: datetime) -> UsageRow:
    model, tier, kind = group.text("model"), group.text("service_tier"), group.text("cost_type")
    amount = cost.amount("amount")
    return UsageRow(
        line=group.line,
        identity=("cost", str(start), str(end), model, tier, kind, group.text("token_type"), group.text("description"), *_texts(group)),
        start=start,
        end=end,
        provider="anthropic",
        model=model,
        endpoint=ENDPOINT if kind in _TOKEN_COSTS else kind,
        surface=surface_of_tier(tier),
        cost=None if amount is None else amount / 100,
        currency=cost.text("currency").upper() or "USD",
    )


def _surface(usage_type: str) -> UsageSurface:
    """Return the surface that a `usage_type` of the Console names. `message` stands for any."""
    return "batch" if "batch" in usage_type.lower() else surface_of_tier(usage_type)


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def _texts(fields: ExportFields) -> tuple[str, ...]:
    return tuple([fields.text(name) for name in _GROUPS])
