"""Which exports can be read, and how each is told by the names of its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from surfacelint.review.usage import anthropic_exports, langfuse_exports, litellm_exports, openai_exports, opentelemetry_spans
from surfacelint.review.usage.export_fields import ExportFields
from surfacelint.review.usage.export_files import records
from surfacelint.review.usage.usage_rows import UsageError, UsageRow
from surfacelint.system.records import record


@record(frozen=True, slots=True)
class ExportFormat:
    """A kind of export.

    - `name`: for messages. `tool`: what wrote it; its formats state the same numbers.
    - `marks`: sets of field names. A record that has all of one set has this format.
    - `rows`: yields the usage rows of the records of a file.
    - `complete`: the export also has records for times without usage.
    """

    name: str
    tool: str
    marks: tuple[frozenset[str], ...]
    rows: Callable[[Iterable[ExportFields]], Iterator[UsageRow]]
    complete: bool = False


def _marks(*names: str) -> tuple[frozenset[str], ...]:
    return tuple([frozenset(each.split()) for each in names])


def _each(rows: Callable[[ExportFields], Iterator[UsageRow]]) -> Callable[[Iterable[ExportFields]], Iterator[UsageRow]]:
    """Return a reader of records that have nothing to do with each other."""
    return lambda found: (row for fields in found for row in rows(fields))


FORMATS = (
    ExportFormat(
        "OpenAI usage or costs API", "OpenAI", _marks("start_time end_time results"), _each(openai_exports.bucket_rows), complete=True
    ),
    ExportFormat(
        "OpenAI usage CSV",
        "OpenAI",
        _marks("start_time end_time num_model_requests", "start_time_iso end_time_iso num_model_requests"),
        _each(openai_exports.usage_table_rows),
        complete=True,
    ),
    ExportFormat(
        "OpenAI cost CSV",
        "OpenAI",
        _marks("start_time end_time amount_value", "start_time_iso end_time_iso amount_value"),
        _each(openai_exports.cost_table_rows),
        complete=True,
    ),
    ExportFormat(
        "OpenAI usage before 2025",
        "OpenAI",
        _marks("aggregation_timestamp n_requests", "timestamp n_requests n_context_tokens_total", "timestamp num_requests"),
        _each(openai_exports.old_rows),
    ),
    ExportFormat(
        "Anthropic usage or cost report",
        "Anthropic",
        _marks("starting_at ending_at results"),
        _each(anthropic_exports.bucket_rows),
        complete=True,
    ),
    ExportFormat(
        "Anthropic usage and cost analytics",
        "Anthropic",
        _marks("starting_at ending_at group usage", "starting_at ending_at group cost"),
        _each(anthropic_exports.analytics_rows),
    ),
    ExportFormat(
        "Anthropic usage CSV",
        "Anthropic",
        _marks("usage_date_utc model_version usage_output_tokens"),
        _each(anthropic_exports.usage_table_rows),
    ),
    ExportFormat("Anthropic cost CSV", "Anthropic", _marks("usage_date_utc model cost_usd"), _each(anthropic_exports.cost_table_rows)),
    ExportFormat("OpenTelemetry (OTLP)", "OpenTelemetry", _marks("resourceSpans"), opentelemetry_spans.collector_rows),
    ExportFormat(
        "OpenTelemetry spans",
        "OpenTelemetry",
        _marks(
            "attributes startTimeUnixNano",
            "attributes start_time_unix_nano",
            "attributes start_time context",
            "attributes start_time span_id",
        ),
        opentelemetry_spans.span_rows,
    ),
    ExportFormat("LiteLLM spend logs", "LiteLLM", _marks("request_id call_type spend startTime"), _each(litellm_exports.spend_log_rows)),
    ExportFormat("LiteLLM daily spend", "LiteLLM", _marks("date model spend api_requests"), _each(litellm_exports.daily_spend_rows)),
    ExportFormat(
        "Langfuse observations",
        "Langfuse",
        _marks("id traceId startTime", "id trace_id start_time"),
        _each(langfuse_exports.observation_rows),
    ),
)


def usage_rows(path: str) -> Iterator[tuple[ExportFormat, UsageRow]]:
    """Yield the rows of an export with its format, which the first record tells. Raises UsageError, also if there are no records."""
    found = records(path)
    first = next(found, None)
    if first is None:
        raise UsageError(f"{path}: no usage in it: the file has no records; export a period with usage")
    format_ = _recognised(first)
    for row in format_.rows(chain([first], found)):
        yield format_, row


def _recognised(fields: ExportFields) -> ExportFormat:
    names = fields.names()
    for each in FORMATS:
        if any(marks <= names for marks in each.marks):
            return each
    shown = ", ".join(sorted(name for name in names if name)[:6]) or "none"
    tools = ", ".join(dict.fromkeys(each.tool for each in FORMATS))
    raise UsageError(f"{fields.path}:{fields.line}: not a known usage export: fields are {shown}; supported are exports of {tools}")
