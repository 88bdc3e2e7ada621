"""Reads OpenTelemetry spans of requests to models.

Three shapes of files occur, each span or batch of spans on its own line or all in one list:

- OTLP JSON, as the file exporter of the Collector writes it: `resourceSpans` with lists of `{key, value}` attributes, and times in
  nanoseconds (opentelemetry-proto, `docs/specification.md#json-protobuf-encoding`).
- What `ReadableSpan.to_json` of the Python SDK prints, and with it its console exporter: `attributes` as an object, `start_time`.
- Single OTLP spans, as backends export them: `startTimeUnixNano` and either kind of attributes.

Attributes are those of opentelemetry-semantic-conventions 0.66b2 (`gen_ai_attributes`, `openai_attributes`, `code_attributes`),
with the older names that it lists as deprecated, and `llm.request.type` of OpenLLMetry. Only spans of requests count: those of
agents and tools contain them. A request that a framework and the SDK below it both report counts once. Failed requests do not
count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from surfacelint.review.usage.export_fields import ExportFields
from surfacelint.review.usage.usage_rows import Caller, UsageRow, surface_of_tier

_OPERATIONS: dict[str, str] = {
    "chat": "chat",
    "completion": "text_completion",
    "embedding": "embeddings",
    "embeddings": "embeddings",
    "generate_content": "chat",
    "rerank": "rerank",
    "text_completion": "text_completion",
}
_API_TYPES = {"responses": "responses"}
_TIERS = (
    "openai.response.service_tier",
    "gen_ai.openai.response.service_tier",
    "openai.request.service_tier",
    "gen_ai.openai.request.service_tier",
)


_WINDOW = 30_000
"""Marks of requests that are remembered, three for each."""


def collector_rows(records: Iterable[ExportFields]) -> Iterator[UsageRow]:
    """Yield the rows of OTLP objects with `resourceSpans`. Raises UsageError."""
    seen = _SeenRequests()
    for fields in records:
        for resource in fields.items("resourceSpans"):
            service = _attributes(resource.inner("resource")).text("service.name")
            for name in ("scopeSpans", "instrumentationLibrarySpans"):
                for scope in resource.items(name):
                    for span in scope.items("spans"):
                        yield _row(span, service, seen)


def span_rows(records: Iterable[ExportFields]) -> Iterator[UsageRow]:
    """Yield the rows of single spans. Raises UsageError."""
    seen = _SeenRequests()
    for span in records:
        yield _row(span, _attributes(span.inner("resource")).text("service.name"), seen)


class _SeenRequests:
    """Finds spans of a request of which another span was there before: a framework and the SDK below it may both report it.

    Such spans are inside of each other, or have the same answer. They end at about the same time, so that a window over the
    latest ones is enough.
    """

    def __init__(self) -> None:
        self._latest: dict[tuple[str, str, str], None] = {}

    def is_new(self, trace: str, own: str, parent: str, answer: str) -> bool:
        """Whether a span is of a request that was not there before. Remembers it."""
        same = [each for each in (("inside", trace, parent), ("around", trace, own), ("answer", "", answer)) if each[2]]
        new = not any(each in self._latest for each in same)
        for each in (("inside", trace, own), ("around", trace, parent), ("answer", "", answer)):
            if each[2]:
                self._latest[each] = None
        while len(self._latest) > _WINDOW:
            del self._latest[next(iter(self._latest))]
        return new


def _row(span: ExportFields, service: str, seen: _SeenRequests) -> UsageRow:
    start = span.required_time("startTimeUnixNano", "start_time_unix_nano", "start_time", "startTime")
    end = span.time("endTimeUnixNano", "end_time_unix_nano", "end_time", "endTime") or start
    if end < start:
        raise span.error("end", "the span ends before it starts; export the file again")
    found = _attributes(span)
    operation = found.text("gen_ai.operation.name", "llm.request.type")
    model = found.text("gen_ai.request.model", "gen_ai.response.model")
    trace, own, parent = _ids(span)
    other = _failed(span, found) or (operation not in _OPERATIONS if operation else not model)
    if other or not seen.is_new(trace, own, parent, found.text("gen_ai.response.id")):
        return UsageRow(line=span.line, identity=(), start=start, end=end)
    tier = found.text(*_TIERS)
    return UsageRow(
        line=span.line,
        identity=("span", trace, own) if own else (),
        start=start,
        end=end,
        provider=found.text("gen_ai.provider.name", "gen_ai.system") or None,
        model=model,
        endpoint=_API_TYPES.get(found.text("openai.api.type")) or _OPERATIONS.get(operation),
        surface=surface_of_tier(tier or "default"),
        caller=_caller(found, service),
        requests=1,
        input_tokens=found.count("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
        cached_tokens=found.count("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"),
        output_tokens=found.count("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
        seconds=(end - start).total_seconds() if end > start else None,
    )


def _failed(span: ExportFields, attributes: ExportFields) -> bool:
    return "error.type" in attributes or span.inner("status").word("code", "status_code") in ("2", "error", "status_code_error")


def _ids(span: ExportFields) -> tuple[str, str, str]:
    """Return the identities of the trace, the span, and the span around it, empty where there is none."""
    context = span.inner("context")
    return (
        span.text("traceId", "trace_id") or context.text("trace_id", "traceId"),
        span.text("spanId", "span_id") or context.text("span_id", "spanId"),
        span.text("parentSpanId", "parent_span_id", "parent_id"),
    )


def _caller(found: ExportFields, service: str) -> Caller | None:
    function = found.text("code.function.name", "code.function")
    namespace = found.text("code.namespace")
    caller = Caller(
        service, found.text("code.file.path", "code.filepath"), f"{namespace}.{function}" if namespace and function else function
    )
    return caller if caller != Caller() else None


def _attributes(fields: ExportFields) -> ExportFields:
    """Return the attributes of a span or resource, whether they are an object or a list of keys and values."""
    if not isinstance(fields.value("attributes"), list):
        return fields.inner("attributes")
    values: dict[str, object] = {}
    for entry in fields.items("attributes"):
        values[entry.text("key")] = _value(entry.value("value"))
    return ExportFields(fields.path, fields.line, values, f"{fields.outer}attributes.")


def _value(value: Any) -> object:
    """Return the value in an OTLP `AnyValue`. Whole numbers are texts there, because JavaScript cannot hold them."""
    if isinstance(value, dict):
        return next((inner for kind, inner in value.items() if kind in ("stringValue", "intValue", "doubleValue", "boolValue")), None)
    return value
