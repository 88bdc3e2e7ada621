"""Reads spend logs and daily spend of a LiteLLM proxy.

Columns are those of the tables `LiteLLM_SpendLogs` and `LiteLLM_DailyUserSpend` (and its siblings for teams, tags and
organisations) in `schema.prisma` of BerriAI/litellm, which `/spend/logs`, the UI and dumps of the database share.
`model_group` is the name by which code asks the proxy for a model. Answers from the proxy's cache and failed requests do not
count. A batch is logged once, when it is retrieved.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from surfacelint.review.usage.export_fields import ExportFields
from surfacelint.review.usage.usage_rows import ENDPOINTS, UsageRow, UsageSurface, surface_of_tier

GATEWAY = "litellm"
_ENDPOINTS = {
    "anthropic_messages": "messages",
    "completion": "chat",
    "embedding": "embeddings",
    "generate_content": "chat",
    "image_edit": "images",
    "image_generation": "images",
    "moderation": "moderations",
    "ocr": "ocr",
    "rerank": "rerank",
    "responses": "responses",
    "speech": "audio",
    "text_completion": "text_completion",
    "transcription": "audio",
}


def spend_log_rows(fields: ExportFields) -> Iterator[UsageRow]:
    """Yield the row of a spend log. Raises UsageError."""
    start = fields.required_time("startTime", "start_time")
    end = fields.time("endTime", "end_time") or start
    if end < start:
        raise fields.error("endTime", "the request ends before it starts; export the file again")
    call = fields.text("call_type")
    endpoint, batch = _endpoint(call), "batch" in call and not call.startswith("batch_completion")
    cost = fields.amount("spend")
    tokens = fields.count("total_tokens")
    if _not_sent(fields) or (endpoint is None and not (cost or tokens)):
        yield UsageRow(line=fields.line, identity=(), start=start, end=end)
        return
    yield UsageRow(
        line=fields.line,
        identity=("spend log", fields.required_text("request_id")),
        start=start,
        end=end,
        provider=_provider(fields),
        model=_model(fields),
        endpoint=None if batch else endpoint,
        surface=_surface(fields, batch),
        gateway=GATEWAY,
        requests=None if batch else 1,
        input_tokens=fields.count("prompt_tokens"),
        output_tokens=fields.count("completion_tokens"),
        cost=cost,
        seconds=(end - start).total_seconds() if end > start and not batch else None,
    )


def daily_spend_rows(fields: ExportFields) -> Iterator[UsageRow]:
    """Yield the row of a day of spend. Raises UsageError."""
    start = fields.required_time("date")
    groups = [fields.text(name) for name in ("user_id", "team_id", "organization_id", "tag", "api_key", "mcp_namespaced_tool_name")]
    yield UsageRow(
        line=fields.line,
        identity=("daily spend", str(start), fields.text("model"), fields.text("model_group"), fields.text("custom_llm_provider"), *groups),
        start=start,
        end=start + timedelta(days=1),
        provider=_provider(fields),
        model=_model(fields),
        endpoint=_endpoint_of_path(fields.text("endpoint")),
        gateway=GATEWAY,
        requests=fields.count("successful_requests", "api_requests"),
        input_tokens=fields.count("prompt_tokens"),
        cached_tokens=fields.count("cache_read_input_tokens"),
        output_tokens=fields.count("completion_tokens"),
        cost=fields.amount("spend"),
    )


def _not_sent(fields: ExportFields) -> bool:
    return fields.word("status") == "failure" or fields.word("cache_hit") == "true"


def _endpoint(call: str) -> str | None:
    """Return the endpoint of a call type. Those of async functions begin with an `a`."""
    return _ENDPOINTS.get(call) or _ENDPOINTS.get(call.removeprefix("a"))


def _endpoint_of_path(path: str) -> str | None:
    """Return the endpoint that the path of a request names, such as `/chat/completions`."""
    last = path.rpartition("/")[2]
    return last if last in ENDPOINTS else None


def _provider(fields: ExportFields) -> str | None:
    name, slash, _ = fields.text("model").partition("/")
    return fields.text("custom_llm_provider") or (name if slash else None)


def _model(fields: ExportFields) -> str:
    return fields.text("model_group") or fields.text("model")


def _surface(fields: ExportFields, batch: bool) -> UsageSurface:
    if batch:
        return "batch"
    return surface_of_tier(fields.text("service_tier") or "default")
