"""Usage exports are recognised by what is in them, read as their documentation says, and refused in one line if they are bad."""

from __future__ import annotations

import gzip
import json
import shutil
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacelint.review.usage.export_files import LARGEST_PLAUSIBLE, LARGEST_RECORD, records
from surfacelint.review.usage.model_names import model_name
from surfacelint.review.usage.usage_rows import UsageError
from surfacelint.review.usage.usage_totals import UsageGroup, UsageTotals, read_usage

EXPORTS = Path(__file__).parent / "usage_exports"

Row = tuple[str | None, str, str | None, str, int | None, int | None, int | None, int | None, str | None]


def shown(group: UsageGroup) -> Row:
    key = group.key
    cost = None if group.cost is None else f"{group.cost.normalize():f}"
    return (
        key.provider,
        key.model,
        key.endpoint,
        key.surface,
        group.requests,
        group.input_tokens,
        group.cached_tokens,
        group.output_tokens,
        cost,
    )


SONNET, HAIKU = "claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"

EXPECTED: dict[str, tuple[float, list[Row]]] = {
    "openai_usage.csv": (
        3.0,
        [
            ("openai", "gpt-4o-mini-2024-07-18", "completions", "realtime", 3000, 2400000, 64000, 300000, None),
            ("openai", "gpt-4o-2024-08-06", "completions", "batch", 300, 240000, 0, 30000, None),
            ("openai", "gpt-4o-mini-2024-07-18", "completions", "flex", 50, 40000, 0, 5000, None),
        ],
    ),
    "openai_cost.csv": (
        3.0,
        [
            ("openai", "gpt-4o-mini-2024-07-18", None, "unknown", None, None, None, None, "0.2112"),
            ("openai", "gpt-4o-2024-08-06", None, "batch", None, None, None, None, "0.45"),
            ("openai", "", "web search tool calls", "unknown", None, None, None, None, "0.03"),
            ("openai", "", None, "unknown", None, None, None, None, "1.25"),
        ],
    ),
    "openai_usage_pages.json": (
        2.0,
        [
            ("openai", "gpt-4o-mini-2024-07-18", "completions", "realtime", 1200, 960000, 64000, 120000, None),
            ("openai", "gpt-4o-2024-08-06", "completions", "batch", 300, 240000, None, 30000, None),
            ("openai", "text-embedding-3-small", "embeddings", "unknown", 512, 51200, None, None, None),
            ("openai", "omni-moderation-latest", "moderations", "unknown", 40, 4000, None, None, None),
            ("openai", "gpt-image-1", "images", "unknown", 2, None, None, None, None),
        ],
    ),
    "openai_costs.json": (
        1.0,
        [
            ("openai", "gpt-4o-mini-2024-07-18", None, "unknown", None, None, None, None, "0.2112"),
            ("openai", "gpt-4o-mini-2024-07-18", None, "flex", None, None, None, None, "0.07"),
            ("openai", "gpt-image-1", None, "unknown", None, None, None, None, "0.5"),
        ],
    ),
    "openai_old_usage.json": (
        1.0,
        [
            ("openai", "gpt-4o-2024-08-06", "completions", "unknown", 4, 124, 0, 48, None),
            ("openai", "gpt-4o-2024-08-06", "completions", "batch", 9, 900, 0, 90, None),
            ("openai", "text-embedding-3-small", "embeddings", "unknown", 2, 64, 0, 0, None),
            ("openai", "dall-e-3", "images", "unknown", 1, None, None, None, None),
            ("openai", "whisper-1", "audio", "unknown", 5, None, None, None, None),
        ],
    ),
    "openai_old_usage.csv": (
        1.0,
        [
            ("openai", "gpt-4o-2024-08-06", "completions", "unknown", 4, 124, None, 48, None),
            ("openai", "text-embedding-3-small", "embeddings", "unknown", 2, 64, None, 0, None),
        ],
    ),
    "anthropic_usage.csv": (
        2.0,
        [
            ("anthropic", SONNET, "messages", "realtime", None, 310000, 8000, 15000, None),
            ("anthropic", HAIKU, "messages", "batch", None, 50000, 0, 2000, None),
        ],
    ),
    "anthropic_cost.csv": (
        2.0,
        [
            ("anthropic", "Claude Sonnet 4.5", "messages", "unknown", None, None, None, None, "0.375"),
            ("anthropic", "Claude Haiku 4.5", "messages", "batch", None, None, None, None, "0.005"),
            ("anthropic", "", "web_search", "unknown", None, None, None, None, "0.01"),
        ],
    ),
    "anthropic_usage_report.json": (
        2.0,
        [
            ("anthropic", SONNET, "messages", "realtime", None, 110000, 8000, 5000, None),
            ("anthropic", HAIKU, "messages", "batch", None, 50000, 0, 2000, None),
        ],
    ),
    "anthropic_cost_report.json": (
        1.0,
        [
            ("anthropic", SONNET, "messages", "realtime", None, None, None, None, "0.375"),
            ("anthropic", HAIKU, "messages", "batch", None, None, None, None, "0.005"),
            ("anthropic", "", "web_search", "unknown", None, None, None, None, "0.01"),
        ],
    ),
    "anthropic_analytics.json": (
        1.0,
        [
            ("anthropic", SONNET, "messages", "realtime", 125, 110000, 8000, 5000, None),
            ("anthropic", HAIKU, "messages", "flex", 40, 50000, 0, 2000, None),
        ],
    ),
    "otlp.jsonl": (
        2.0,
        [
            ("openai", "gpt-4o-mini", "chat", "realtime", 1, 800, None, 100, None),
            ("openai", "gpt-4o-mini", "chat", "flex", 1, 900, None, 90, None),
        ],
    ),
    "spans.json": (
        0.0,
        [
            ("openai", "text-embedding-3-small", "embeddings", "realtime", 1, 12, None, None, None),
            ("anthropic", "claude-sonnet-4-5", "chat", "realtime", 1, 700, 500, 60, None),
        ],
    ),
    "spans.jsonl": (0.0, [("aws.bedrock", "anthropic.claude-sonnet-4-5-20250929-v1:0", "chat", "realtime", 1, 20, None, 5, None)]),
    "langfuse.csv": (
        1.04,
        [
            (None, "gpt-4o-mini", "completions", "realtime", 1, 800, 500, 100, "0.00016"),
            (None, "text-embedding-3-small", "embeddings", "realtime", 1, 10, None, None, "0"),
        ],
    ),
    "langfuse.json": (0.0, [(None, "gpt-4o-mini", "completions", "realtime", 1, 800, 500, 100, "0.00016")]),
    "langfuse_old.csv": (0.0, [(None, "gpt-3.5-turbo-0125", "completions", "realtime", 1, 200, None, 100, "0.003")]),
    "langfuse_blob.jsonl": (0.0, [(None, "gpt-4o-mini", "completions", "flex", 1, 800, 500, 100, "0.00016")]),
    "litellm_spend_logs.json": (
        1.13,
        [
            ("azure", "gpt-4o-mini", "chat", "realtime", 1, 800, None, 100, "0.0021"),
            ("openai", "openai/text-embedding-3-small", "embeddings", "realtime", 1, 75, None, 0, "0.0000015"),
            ("openai", "gpt-4o", None, "batch", None, 800000, None, 100000, "4.5"),
        ],
    ),
    "litellm_spend_logs.csv": (
        0.04,
        [
            ("azure", "gpt-4o-mini", "chat", "realtime", 1, 800, None, 100, "0.0021"),
            ("openai", "openai/text-embedding-3-small", "embeddings", "realtime", 1, 75, None, 0, "0.0000015"),
        ],
    ),
    "litellm_daily_spend.csv": (2.0, [("openai", "gpt-4o-mini", "completions", "unknown", 150, 120000, 0, 15000, "0.027")]),
}
"""By file: the days that it covers, and its groups."""


def test_every_export_is_expected() -> None:
    assert {path.name for path in EXPORTS.iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_formats(name: str) -> None:
    days, rows = EXPECTED[name]
    found = read_usage([str(EXPORTS / name)])
    assert [shown(group) for group in found.groups] == rows
    assert {round(group.days, 2) for group in found.groups} == {days}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_name_does_not_matter_and_gzip_is_unpacked(name: str, tmp_path: Path) -> None:
    anonymous = tmp_path / "download"
    anonymous.write_bytes(gzip.compress((EXPORTS / name).read_bytes()))
    assert [shown(group) for group in read_usage([str(anonymous)]).groups] == EXPECTED[name][1]


def test_a_line_that_is_too_large_is_refused(tmp_path: Path) -> None:
    (tmp_path / "export.jsonl").write_bytes(gzip.compress(b" " * 40_000_000, 0))
    with pytest.raises(UsageError, match="the line is longer than 32 MB"):
        read_usage([str(tmp_path / "export.jsonl")])


@pytest.mark.parametrize("text", [b" ", b"\n"])
def test_a_small_file_that_unpacks_to_a_large_one_is_refused(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "export.jsonl").write_bytes(gzip.compress(text * (LARGEST_PLAUSIBLE + 200_000), 9))
    with pytest.raises(UsageError, match="unpacks to more than 200 times its size"):
        read_usage([str(tmp_path / "export.jsonl")])


def test_a_header_with_very_many_columns(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text(",".join(f"c{number}" for number in range(200_000)) + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no usage in it"):
        read_usage([str(tmp_path / "export.csv")])


@pytest.mark.parametrize("number", ["1e999999999999999999999", "1E-999999999999999999999"])
def test_a_number_with_an_absurd_exponent(number: str, tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text(f'[{{"start_time": {number}}}]', encoding="utf-8")
    with pytest.raises(UsageError, match="is out of bounds"):
        read_usage([str(tmp_path / "export.json")])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le with mark"])
@pytest.mark.parametrize("name", ["openai_usage.csv", "anthropic_usage.csv", "otlp.jsonl", "openai_costs.json"])
def test_encodings(name: str, encoding: str, tmp_path: Path) -> None:
    text = (EXPORTS / name).read_text(encoding="utf-8")
    again = tmp_path / name
    again.write_bytes(f"\ufeff{text}".encode("utf-16-le") if "mark" in encoding else text.encode(encoding))
    assert [shown(group) for group in read_usage([str(again)]).groups] == EXPECTED[name][1]


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_delimiters(delimiter: str, tmp_path: Path) -> None:
    text = (EXPORTS / "openai_usage.csv").read_text(encoding="utf-8").replace(",", delimiter)
    (tmp_path / "usage.tsv").write_text("\n\n" + text, encoding="utf-8")
    assert [shown(group) for group in read_usage([str(tmp_path / "usage.tsv")]).groups] == EXPECTED["openai_usage.csv"][1]


def test_exports_have_the_types_of_the_sdks() -> None:
    """The examples of the admin APIs are what the SDKs of OpenAI and Anthropic accept."""
    from anthropic.types.beta.organization.analytics.beta_analytics_usage_item import BetaAnalyticsUsageItem
    from openai.types.admin.organization import UsageCompletionsResponse, UsageCostsResponse

    pages = (EXPORTS / "openai_usage_pages.json").read_text(encoding="utf-8").split("\n}\n")
    for page in filter(None, pages):
        UsageCompletionsResponse.model_validate_json(page + "}")
    UsageCostsResponse.model_validate_json((EXPORTS / "openai_costs.json").read_text(encoding="utf-8"))
    for item in json.loads((EXPORTS / "anthropic_analytics.json").read_text(encoding="utf-8"))["data"]:
        BetaAnalyticsUsageItem.model_validate(item)


def test_seconds_and_callers_of_spans() -> None:
    first, second = read_usage([str(EXPORTS / "otlp.jsonl")]).groups
    assert first.key.caller is not None
    assert second.key.caller is not None
    assert (first.key.caller.service, first.key.caller.path, first.key.caller.function) == (
        "nightly",
        "/app/bookshop/nightly.py",
        "summarise",
    )
    assert (second.key.caller.service, second.key.caller.path) == ("nightly", "")
    assert (first.seconds, first.timed_requests, second.seconds) == (3.0, 1, 5.0)


def _span(own: str, parent: str, answer: str, operation: str = "chat", trace: str = "t") -> str:
    attributes = {"gen_ai.operation.name": operation, "gen_ai.request.model": "gpt-4o", "gen_ai.response.id": answer}
    times = {"start_time": "2026-10-01T08:00:00Z", "end_time": "2026-10-01T08:00:01Z"}
    return json.dumps({"context": {"trace_id": trace, "span_id": own}, "parent_id": parent or None, "attributes": attributes, **times})


@pytest.mark.parametrize(
    ("spans", "requests"),
    [
        ([_span("1", "", ""), _span("2", "", "")], 2),
        ([_span("2", "1", ""), _span("1", "", "")], 1),
        ([_span("1", "", ""), _span("2", "1", "")], 1),
        ([_span("3", "2", ""), _span("2", "1", ""), _span("1", "", "")], 1),
        ([_span("2", "1", ""), _span("3", "1", ""), _span("1", "", "", "invoke_agent")], 2),
        ([_span("2", "1", "", trace="u"), _span("1", "", "")], 2),
        ([_span("1", "", "resp_1"), _span("2", "", "resp_1"), _span("3", "", "resp_2")], 2),
    ],
)
def test_a_request_that_several_spans_report_counts_once(spans: list[str], requests: int, tmp_path: Path) -> None:
    (tmp_path / "spans.jsonl").write_text("\n".join(spans), encoding="utf-8")
    (found,) = read_usage([str(tmp_path / "spans.jsonl")]).groups
    assert found.requests == requests


HEADER = "start_time,end_time,num_model_requests,model,batch,input_tokens,output_tokens"
PERIOD = "1790812800,1790899200"


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ("NaN,gpt-4o,FALSE,1,1", 'num_model_requests: "NaN" is not a number; write numbers as 1234.5, without separators'),
        ("Infinity,gpt-4o,FALSE,1,1", 'num_model_requests: "Infinity" is not a number; write numbers as 1234.5, without separators'),
        ("-3,gpt-4o,FALSE,1,1", 'num_model_requests: "-3" is negative; take credits and corrections out of the export'),
        ("1e30,gpt-4o,FALSE,1,1", 'num_model_requests: "1e30" is too large for one row; export the file again'),
        ("1.5,gpt-4o,FALSE,1,1", 'num_model_requests: "1.5" is not a whole number; export the file again'),
        ("10,gpt-4o,maybe,1,1", 'batch: "maybe" is neither true nor false; export the file again'),
        ("10,gpt-4o,FALSE,many,1", 'input_tokens: "many" is not a number; write numbers as 1234.5, without separators'),
        ("10,gpt-4o,FALSE,1", "the row has 6 cells and the header 7; export the file again"),
        ('10,"gpt"4o,FALSE,1,1', "not a valid table: ',' expected after '\"'; export the file again"),
    ],
)
def test_bad_cells(cells: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text(f"{HEADER}\n{PERIOD},5,gpt-4o,FALSE,1,1\n{PERIOD},{cells}\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_usage([str(path)])
    assert str(caught.value) == f"{path}:3: {problem}"


def _line(**changes: object) -> bytes:
    record: dict[str, object] = {
        "request_id": "a",
        "call_type": "completion",
        "spend": 0.1,
        "startTime": "2026-10-01 08:00:00",
        "endTime": "2026-10-01 08:00:01",
        "model": "gpt-4o",
    }
    return json.dumps(record | changes).encode() + b"\n"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", ": no usage in it: the file has no records; export a period with usage"),
        (b"  \n ", ": no usage in it: the file has no records; export a period with usage"),
        (b"[]", ": no usage in it: the file has no records; export a period with usage"),
        (b"PK\x03\x04rest", ": this is a ZIP archive or an Excel workbook; unpack it, or save it as CSV"),
        (b"PAR1rest", ": this is a Parquet file; choose CSV, JSON or JSON lines in the settings of the export"),
        (b"\x1f\x8b\x08\x00rest of it that is no gzip", ": the compressed file is damaged: "),
        (gzip.compress(_line() * 1000)[:-20], ": the compressed file is damaged: "),
        ("date,größe\n1,2\n".encode("latin-1"), ": not valid text: "),
        ("date,model\n1,2\n".encode("utf-16-le"), ": not text, or in an encoding other than UTF-8; save the file as UTF-8"),
        (b"date,usage\n1,2\n", ":2: not a known usage export: fields are date, usage; supported are exports of OpenAI, Anthropic, "),
        (b"start_time,model,model\n1,2,3\n", ":1: the column model occurs twice; remove one of the two"),
        (b'{"a": 1}', ":1: not a known usage export: fields are a; supported are exports of "),
        (_line() + b"12\n", ":2: the record is not an object; export the file again"),
        (_line() + b'\n{"request_id": tru}', ":3: not valid JSON: Expecting value; export the file again"),
        (_line() + _line()[:30], ":2: the file ends in the middle of a record; export the file again"),
        (b"[" + _line() + b"," + _line(), ":3: the list ends in the middle; export the file again"),
        (b"[" + _line() + _line() + b"]", ":2: a comma is missing before {; export the file again"),
        (_line(spend=float("nan")), ":1: not valid JSON: NaN is not a number; export the file again"),
        (_line(spend=-1), ":1: spend: -1 is negative; take credits and corrections out of the export"),
        (_line(spend="1,5"), ':1: spend: "1,5" is not a number; write numbers as 1234.5, without separators'),
        (_line(spend=[1]), ":1: spend: [1] is not a number; write numbers as 1234.5, without separators"),
        (_line(spend=True), ":1: spend: true is not a number; write numbers as 1234.5, without separators"),
        (_line(spend=int("9" * 40)), ":1: spend: 9999999999999999999999999999999999999999 is too large for one row; export the file again"),
        (_line().replace(b"0.1", b"9" * 5000), ":1: "),
        (b'{"a":' * 100_000, ":1: a record is nested too deeply; export the file again"),
        (_line(startTime=None), ":1: startTime: the row has no value here; export the file again with this column"),
        (_line(startTime="yesterday"), ':1: startTime: "yesterday" is not a time; use ISO 8601, such as 2026-11-01T00:00:00Z'),
        (_line(startTime="0001-01-01"), ':1: startTime: "0001-01-01" is not a time; use ISO 8601, such as 2026-11-01T00:00:00Z'),
        (_line(startTime="2026-02-30"), ':1: startTime: "2026-02-30" is not a time; use ISO 8601, such as 2026-11-01T00:00:00Z'),
        (_line(startTime=1e300), ":1: startTime: 1E+300 is not a time; use ISO 8601, such as 2026-11-01T00:00:00Z"),
        (_line(endTime="2026-09-01"), ":1: endTime: the request ends before it starts; export the file again"),
        (_line(model=4), ":1: model: 4 is not a text; export the file again"),
        (_line(request_id=None, x=1), ":1: request_id: the row has no value here; export the file again with this column"),
        (
            b'{"start_time": 1790812800, "end_time": 1790899200, "results": [{"object": "organization.costs.result", '
            b'"amount": {"value": 1, "currency": "eur"}}]}',
            ":1: the currency is EUR; the review counts in USD, so convert the amounts first",
        ),
        (
            b'{"start_time": 1790812800, "end_time": 1790899200,\n "results": [{"object": "organization.usage.completions.result", '
            b'"num_model_requests": "x"}]}',
            ':1: results[0].num_model_requests: "x" is not a number; write numbers as 1234.5, without separators',
        ),
        (b'{"resourceSpans": [{"scopeSpans": 3}]}', ":1: resourceSpans[0].scopeSpans: 3 is not a list; export the file again"),
    ],
)
def test_bad_files(data: bytes, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_bytes(data)
    with pytest.raises(UsageError) as caught:
        read_usage([str(path)])
    assert str(caught.value).startswith(f"{path}{problem}")
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    for path in (str(tmp_path), str(tmp_path / "missing"), "a\0b"):
        with pytest.raises(UsageError, match="cannot be read: "):
            read_usage([path])


def test_rows_that_two_files_have(tmp_path: Path) -> None:
    """A month that was exported twice, whole or in part, is refused. Another project's export of the same days is not."""
    october = EXPORTS / "openai_usage.csv"
    lines = october.read_text(encoding="utf-8").splitlines(keepends=True)
    part, other = tmp_path / "part.csv", tmp_path / "other.csv"
    part.write_text(lines[0] + lines[4].replace("1800.0", "1900.0"), encoding="utf-8")
    other.write_text("".join(lines).replace("proj_shop", "proj_search"), encoding="utf-8")
    for again, line in ((october, 2), (part, 2)):
        copy = shutil.copy(again, tmp_path / "copy.csv")
        with pytest.raises(UsageError) as caught:
            read_usage([str(october), str(copy)])
        there = 2 if again is october else 5
        assert str(caught.value) == f"{copy}:{line}: the row is also in {october}:{there}; give files that do not overlap"
    both = read_usage([str(october), str(other)])
    assert sum(group.requests or 0 for group in both.groups) == 2 * 3350
    models = "gpt-4o-2024-08-06, gpt-4o-mini-2024-07-18"
    doubt = f"both state the requests and tokens of {models}: they are added; give one file if they are the same"
    assert both.notes == (f"{october} and {other} {doubt}",)


def test_a_few_shared_rows_among_many(tmp_path: Path) -> None:
    """Logs of two days that share an hour are refused, however many rows they have."""

    def log(name: str, ids: range) -> str:
        header = "request_id,call_type,spend,startTime,endTime,model\n"
        rows = "".join(f"r{number},completion,0.1,2026-10-01 08:00:00,2026-10-01 08:00:01,gpt-4o\n" for number in ids)
        (tmp_path / name).write_text(header + rows, encoding="utf-8")
        return str(tmp_path / name)

    first, apart, overlapping = log("a.csv", range(4000)), log("b.csv", range(4000, 8000)), log("c.csv", range(3900, 7900))
    assert sum(group.requests or 0 for group in read_usage([first, apart]).groups) == 8000
    with pytest.raises(UsageError, match=r"c\.csv:\d+: the row is also in .*a\.csv:\d+"):
        read_usage([first, overlapping])


def test_tools_that_state_the_same(tmp_path: Path) -> None:
    """Requests count once: those of the tool that counts requests, or else of the first file. The same holds for money."""
    spans = str(EXPORTS / "litellm_spend_logs.csv")
    tokens = tmp_path / "tokens.csv"
    header = (EXPORTS / "anthropic_usage.csv").read_text(encoding="utf-8").splitlines()[0]
    tokens.write_text(f"{header}\n2026-10-01,gpt-4o-mini,k,w,standard,,5,0,0,0,5,0,,\n", encoding="utf-8")
    openai, cost = str(EXPORTS / "openai_usage.csv"), str(EXPORTS / "openai_cost.csv")

    def requests(*paths: str) -> tuple[int, list[str]]:
        found = read_usage(paths)
        return sum(group.requests or 0 for group in found.groups), [
            note.replace(str(EXPORTS), "").replace(str(tmp_path), "") for note in found.notes
        ]

    assert requests(openai, cost) == (3350, [])
    same = "both state the requests and tokens of"
    total, notes = requests(openai, spans)
    assert total == 3351
    assert notes == [f"/openai_usage.csv and /litellm_spend_logs.csv {same} gpt-4o-mini: those of /openai_usage.csv count"]
    total, notes = requests(spans, openai)
    assert total == 302
    assert notes == [f"/litellm_spend_logs.csv and /openai_usage.csv {same} gpt-4o-mini-2024-07-18: those of /litellm_spend_logs.csv count"]
    assert requests(str(tokens), spans)[0] == 2
    bill = read_usage([cost, spans])
    assert sum(group.cost or 0 for group in bill.groups) == Decimal("1.9412") + Decimal("0.0000015")
    assert bill.notes[0].endswith("both state the cost of gpt-4o-mini: those of " + cost + " count")


_GROUPS = st.tuples(
    st.sampled_from(["gpt-4o", "gpt-4o-mini"]), st.booleans(), st.integers(0, 10**9), st.integers(0, 10**12), st.integers(0, 10**9)
)


@settings(max_examples=50, deadline=None)
@given(st.lists(_GROUPS, min_size=1, max_size=30))
def test_sums_lose_nothing(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, bool, int, int, int]]) -> None:
    path = tmp_path_factory.mktemp("usage") / "usage.csv"
    lines = [f"{PERIOD},{requests},{model},{batch},{inputs},{outputs}" for model, batch, requests, inputs, outputs in rows]
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    groups = read_usage([str(path)]).groups
    assert sum(group.requests or 0 for group in groups) == sum(row[2] for row in rows)
    assert sum(group.input_tokens or 0 for group in groups) == sum(row[3] for row in rows)
    assert sum(group.output_tokens or 0 for group in groups) == sum(row[4] for row in rows)
    assert len(groups) == len({row[:2] for row in rows})


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(EXPECTED)), st.data())
def test_damaged_exports_end_in_one_line(tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject) -> None:
    """Whatever is put into an export at some place, it is read, or refused with its name and in one line."""
    text = (EXPORTS / name).read_text(encoding="utf-8")
    place, length = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, 20))
    junk = data.draw(st.text(max_size=8) | _VALUES.map(json.dumps))
    path = tmp_path_factory.mktemp("usage") / name
    path.write_text(text[:place] + junk + text[place + length :], encoding="utf-8", errors="replace")
    try:
        found: UsageTotals | None = read_usage([str(path)])
    except UsageError as error:
        assert str(error).startswith(str(path))
        assert "\n" not in str(error)
    else:
        assert found is not None


PROMPT = "x" * 8000


def _spend_log_table(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write("request_id,call_type,spend,prompt_tokens,startTime,endTime,model,messages\n")
        for number in range(rows):
            file.write(f'r{number},completion,0.001,10,2026-10-01 08:00:00,2026-10-01 08:00:01,gpt-4o,"{PROMPT}"\n')


def _spend_log_lines(path: Path, rows: int) -> None:
    times = '"startTime": "2026-10-01 08:00:00", "endTime": "2026-10-01 08:00:01"'
    rest = f'"call_type": "completion", "spend": 0.001, {times}, "model": "gpt-4o", "messages": "{PROMPT}"'
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            file.write(f'{{"request_id": "r{number}", {rest}}}\n')


def _spend_log_list(path: Path, rows: int) -> None:
    _spend_log_lines(path, rows)
    text = path.read_text(encoding="utf-8")
    path.write_text(f"[{text.rstrip().replace(chr(10), ',' + chr(10))}]", encoding="utf-8")


@pytest.mark.parametrize("write", [_spend_log_table, _spend_log_lines, _spend_log_list])
def test_memory_does_not_grow_with_the_file(write: Callable[[Path, int], None], tmp_path: Path) -> None:
    path = tmp_path / "export"
    write(path, 1_500)
    assert path.stat().st_size > 10_000_000
    tracemalloc.start()
    try:
        found = read_usage([str(path)])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [group.requests for group in found.groups] == [1_500]
    assert peak < 2_000_000


def test_endless_records_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("surfacelint.review.usage.export_files.LARGEST_RECORD", 100_000)
    assert LARGEST_RECORD == 32_000_000
    for text, problem in (('{"a": "' + "x" * 500_000, "a record is longer than"), ("a," * 300_000, "the line is longer than")):
        path = tmp_path / "export"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=problem):
            list(islice(records(str(path)), 1))


@pytest.mark.parametrize(
    ("code", "export"),
    [
        ("gpt-4o", "gpt-4o"),
        ("gpt-4o", "gpt-4o-2024-08-06"),
        ("gpt-4", "gpt-4-0613"),
        ("openai/gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
        ("claude-haiku-4-5", "claude-haiku-4-5-20251001"),
        ("claude-haiku-4-5-20251001", "Claude Haiku 4.5"),
        ("claude-sonnet-4-0", "claude-sonnet-4-20250514"),
        ("claude-3-7-sonnet-latest", "Claude Sonnet 3.7"),
        ("claude-sonnet-4-5@20250929", "claude-sonnet-4-5"),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929"),
        ("mistral-large-latest", "mistral-large-2411"),
        ("models/gemini-2.0-flash", "gemini-2.0-flash-001"),
        ("command-r", "command-r-08-2024"),
        ("gemini-2.5-pro-preview", "gemini-2.5-pro-preview-05-06"),
    ],
)
def test_names_of_the_same_model(code: str, export: str) -> None:
    assert model_name(code).same(model_name(export))


@pytest.mark.parametrize(
    ("code", "export"),
    [
        ("gpt-4o", "gpt-4o-mini"),
        ("gpt-4o", "gpt-4"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-08-06"),
        ("gpt-4o", "ft:gpt-4o-2024-08-06:shop::abc"),
        ("claude-haiku-4-5", "claude-haiku-4"),
        ("claude-opus-4-1", "Claude Opus 4.5"),
        ("text-embedding-3-small", "text-embedding-3-large"),
        ("gemini-2.0-flash", "gemini-2.0-flash-lite"),
    ],
)
def test_names_of_different_models(code: str, export: str) -> None:
    assert not model_name(code).same(model_name(export))
