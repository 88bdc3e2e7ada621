"""Measured usage goes to the one workload that can have caused it, and what is unclear stays apart with its reason."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
from doors import REPOSITORY, surfacelint
from hypothesis import given, settings
from hypothesis import strategies as st

from surfacelint.catalogue.index import Catalogue
from surfacelint.review.records import Independence, Place, Repetition, ReviewedWorkload, Surface, TraceStep, Volume, Waiting
from surfacelint.review.usage.file_usage import UsageKey
from surfacelint.review.usage.measured_volumes import measured_volumes, usage_of
from surfacelint.review.usage.usage_rows import Caller, UsageSurface
from surfacelint.review.usage.usage_totals import UsageGroup, UsageTotals
from surfacelint.review.usage.workload_join import joined

PROVIDERS = Catalogue.load().providers
START = datetime(2026, 10, 1, tzinfo=timezone.utc)


def workload(
    id_: str,
    *models: str,
    provider: str = "openai",
    operation: str = "chat",
    surface: Surface = "realtime",
    path: str = "shop/nightly.py",
    function: str = "main",
    trace: tuple[str, ...] = (),
) -> ReviewedWorkload:
    place = Place(path, 1, 1, 1, 2)
    return ReviewedWorkload(
        id=id_,
        repository="shop",
        place=place,
        function=function,
        call="call",
        owners=(),
        provider=provider,
        provider_title="",
        other_providers=(),
        endpoint="",
        operation=operation,
        models=models,
        repetition=Repetition("loop"),
        requests_per_item=1,
        waiting=Waiting("no"),
        independence=Independence("independent"),
        volume=Volume("unknown"),
        surface=surface,
        verdict="right surface",
        reason="",
        rules=(),
        suppressed=(),
        remedy=(),
        trace=tuple([TraceStep(replace(place, path=step), "") for step in trace]),
        excerpt=None,
        offers=(),
        assumptions=(),
    )


def group(
    model: str = "gpt-4o-2024-08-06",
    *,
    provider: str | None = "openai",
    endpoint: str | None = "completions",
    surface: UsageSurface = "realtime",
    gateway: str = "",
    caller: Caller | None = None,
    requests: int | None = 10,
    cost: Decimal | None = None,
) -> UsageGroup:
    key = UsageKey(provider, model, endpoint, surface, gateway, caller)
    return UsageGroup(key, "OpenAI", ("usage.csv",), START, START + timedelta(days=30), 30.0, True, requests, 100, None, 20, cost)


def outcome(used: UsageGroup, *rows: ReviewedWorkload) -> str:
    """Return the identity of the workload that the usage joins, or why it joins none and the candidates."""
    found = joined(UsageTotals((used,)), rows, PROVIDERS)
    if found.joined:
        ((id_, groups),) = found.joined.items()
        assert groups == (used,)
        assert not found.unjoined
        return id_
    (rest,) = found.unjoined
    assert rest.group == used
    return f"{rest.reason}: {', '.join(each.id for each in rest.candidates)}".removesuffix(": ")


NONE = "no workload uses this model on this surface"


@pytest.mark.parametrize(
    ("used", "rows", "expected"),
    [
        (group(), [workload("a", "gpt-4o")], "a"),
        (group(), [workload("a", "gpt-4o"), workload("b", "gpt-4o-mini")], "a"),
        (group(), [workload("a", "gpt-4o-2024-05-13")], NONE),
        (group(), [workload("a", "gpt-4o"), workload("b", "gpt-4o-2024-08-06")], "2 workloads can have caused it: a, b"),
        (group(), [workload("a", "gpt-4o"), workload("b")], "one workload names the model, but 1 workload does not name a model: a, b"),
        (group(), [workload("a"), workload("b")], "no workload names the model, and 2 workloads do not name a model: a, b"),
        (group(), [], NONE),
        (group(), [workload("a", "gpt-4o", provider="anthropic")], NONE),
        (group(), [workload("a", "gpt-4o", provider="azure-openai")], NONE),
        (group(provider="az.ai.openai"), [workload("a", "gpt-4o", provider="azure-openai")], "a"),
        (group(), [workload("a", "gpt-4o", provider="openai-legacy")], "a"),
        (group(), [workload("a", "gpt-4o", provider="langchain-openai")], "a"),
        (group(), [workload("a", "gpt-4o", provider="langchain-anthropic")], NONE),
        (group(), [workload("a", "openai/gpt-4o", provider="litellm")], "a"),
        (group(), [workload("a", "gpt-4o", provider="ours")], NONE),
        (group(provider="ours"), [workload("a", "gpt-4o", provider="ours")], "a"),
        (group(provider=None), [workload("a", "gpt-4o", provider="azure-openai")], "a"),
        (group(provider="azure", gateway="litellm"), [workload("a", "gpt-4o")], "a"),
        (group(), [replace(workload("a", "gpt-4o", provider="azure-openai"), other_providers=("openai",))], "a"),
        (group(), [workload("a", "gpt-4o", operation="responses")], "a"),
        (group(endpoint="chat"), [workload("a", "gpt-4o", operation="completion")], NONE),
        (group(endpoint="embeddings"), [workload("a", "gpt-4o")], NONE),
        (group(endpoint=None), [workload("a", "gpt-4o", operation="moderation")], "a"),
        (group(endpoint="web_search"), [workload("a", "gpt-4o")], "no request of code"),
        (group(""), [workload("a", "gpt-4o")], "the export does not name the model"),
        (group(surface="batch"), [workload("a", "gpt-4o"), workload("b", "gpt-4o", operation="job", surface="batch")], "b"),
        (group(surface="batch"), [workload("a", "gpt-4o")], NONE),
        (group(surface="flex"), [workload("a", "gpt-4o", surface="flex"), workload("b", "gpt-4o")], "a"),
        (group(surface="unknown"), [workload("a", "gpt-4o", surface="batch")], "a"),
        (group(), [workload("a", "gpt-4o", surface="pseudo-batch")], "a"),
        (group(surface="unknown"), [workload("a", "gpt-4o", surface="local")], NONE),
        (group(provider="ollama"), [workload("a", "gpt-4o", provider="ollama", surface="local")], "a"),
        (
            group("Claude Haiku 4.5", provider="anthropic", endpoint="messages"),
            [workload("a", "claude-haiku-4-5", provider="anthropic")],
            "a",
        ),
    ],
)
def test_provider_model_endpoint_and_surface(used: UsageGroup, rows: list[ReviewedWorkload], expected: str) -> None:
    assert outcome(used, *rows) == expected


IN_JOB = Caller("nightly", "/app/shop/nightly.py", "main")


@pytest.mark.parametrize(
    ("caller", "rows", "expected"),
    [
        (IN_JOB, [workload("a", "gpt-4o"), workload("b", "gpt-4o", path="shop/other.py")], "a"),
        (IN_JOB, [workload("a", "gpt-4o"), workload("b", path="shop/other.py")], "a"),
        (IN_JOB, [workload("a")], "a"),
        (
            IN_JOB,
            [workload("a", "gpt-4o", path="shop/other.py", trace=("shop/nightly.py",)), workload("b", "gpt-4o", path="shop/b.py")],
            "a",
        ),
        (IN_JOB, [workload("a", "gpt-4o"), workload("b", "gpt-4o", function="Job.main2")], "a"),
        (IN_JOB, [workload("a", "gpt-4o", function="f"), workload("b", "gpt-4o", function="g")], "2 workloads can have caused it: a, b"),
        (IN_JOB, [workload("a", "gpt-4o"), workload("b")], "2 workloads can have caused it: a, b"),
        (IN_JOB, [workload("a", "gpt-4o", path="shop/other.py")], "no workload is in the file that the spans name"),
        (IN_JOB, [workload("a", "o3")], "the workloads in the file that the spans name use other models"),
        (Caller("x", "C:\\app\\shop\\nightly.py"), [workload("a", "gpt-4o"), workload("b", "gpt-4o", path="shop/other.py")], "a"),
        (Caller("x", "/usr/lib/python3/site-packages/openai/_client.py"), [workload("a", "gpt-4o")], "a"),
        (Caller("x"), [workload("a", "gpt-4o"), workload("b", "gpt-4o")], "2 workloads can have caused it: a, b"),
    ],
)
def test_spans_that_name_their_code(caller: Caller, rows: list[ReviewedWorkload], expected: str) -> None:
    assert outcome(group(caller=caller), *rows) == expected


_MODELS = st.sampled_from(["gpt-4o", "gpt-4o-mini", "claude-haiku-4-5", ""])
_NAMES = st.sampled_from(["openai", "anthropic", "litellm", "langchain-openai"])
_ROWS = st.lists(st.tuples(_MODELS, _NAMES, st.sampled_from(["realtime", "batch", "flex"])), max_size=6)
_USED = st.lists(
    st.builds(
        group,
        _MODELS,
        provider=st.sampled_from(["openai", "anthropic", None]),
        endpoint=st.sampled_from(["completions", "messages", "embeddings", None]),
        surface=st.sampled_from(["realtime", "batch", "flex", "unknown"]),
        requests=st.none() | st.integers(0, 10**9),
        cost=st.none() | st.decimals(0, 10**6, places=6),
    ),
    max_size=8,
)


@settings(max_examples=100, deadline=None)
@given(_ROWS, _USED)
def test_joined_and_unjoined_are_everything(rows: list[tuple[str, str, Surface]], used: list[UsageGroup]) -> None:
    workloads = [workload(str(number), *filter(None, [row[0]]), provider=row[1], surface=row[2]) for number, row in enumerate(rows)]
    found = joined(UsageTotals(tuple(used)), workloads, PROVIDERS)
    parts = [*(each for groups in found.joined.values() for each in groups), *(each.group for each in found.unjoined)]
    assert sorted(map(id, parts)) == sorted(map(id, used))
    assert sum(each.requests or 0 for each in parts) == sum(each.requests or 0 for each in used)
    assert sum((each.cost or Decimal(0) for each in parts), Decimal(0)) == sum((each.cost or Decimal(0) for each in used), Decimal(0))


def test_measured_numbers() -> None:
    """Rates are per month of 30 days over the period that the exports cover; numbers per call are those of the counted requests."""
    asked = replace(
        group(requests=600, cost=Decimal("1.50")), days=15.0, seconds=90.0, timed_requests=30, input_tokens=60_000, output_tokens=6_000
    )
    paid = replace(group(requests=None, cost=Decimal("3.00")), input_tokens=None, output_tokens=None)
    row = workload("a", "gpt-4o")
    totals = UsageTotals((asked, paid, group("o3", requests=200, cost=Decimal("0.50"))))
    join = joined(totals, [row], PROVIDERS)
    (stated,) = measured_volumes(join).values()
    assert stated.measured
    assert (stated.calls_per_month, stated.seconds_per_call, stated.input_tokens, stated.output_tokens) == (1200, 3.0, 100.0, 10.0)
    assert stated.cost_per_month == Decimal("6.00")
    assert stated.source == "usage.csv, 2026-10-01 to 2026-10-30"
    usage = usage_of(totals, join, "shop")
    assert (usage.requests, usage.joined_requests, usage.cost, usage.joined_cost) == (800, 600, Decimal("5.00"), Decimal("4.50"))
    assert [(each.workload, each.requests, each.cost) for each in usage.joined] == [("a", 600, Decimal("4.50"))]
    (rest,) = usage.unjoined
    assert (rest.model, rest.share_of_requests, rest.share_of_cost, rest.reason) == ("o3", 0.25, 0.1, NONE)


def test_a_log_from_its_first_to_its_last_usage() -> None:
    log = replace(group(requests=600), days=3.0, complete=False)
    (stated,) = measured_volumes(joined(UsageTotals((log,)), [workload("a", "gpt-4o")], PROVIDERS)).values()
    assert (stated.calls_per_month, stated.source) == (6000, "usage.csv, 2026-10-01 to 2026-10-30 (first to last usage)")


def test_a_short_log_gives_no_rate() -> None:
    short = replace(group(requests=600), days=0.5, seconds=600.0, timed_requests=600)
    (stated,) = measured_volumes(joined(UsageTotals((short,)), [workload("a", "gpt-4o")], PROVIDERS)).values()
    assert (stated.calls_per_month, stated.cost_per_month, stated.seconds_per_call) == (None, None, 1.0)


EXPORTS = REPOSITORY / "tests" / "usage_exports"

JOBS = """
from openai import OpenAI

client = OpenAI()


def summarise(reviews):
    for review in reviews:
        client.responses.create(model="gpt-4o-mini", input=review)


def index(texts):
    for text in texts:
        client.embeddings.create(model="text-embedding-3-small", input=text)
"""


def test_review_with_usage(tmp_path: Path) -> None:
    """The exports of usage, cost and spans together measure each number once."""
    (tmp_path / "jobs.py").write_text(JOBS, encoding="utf-8")
    files = [str(EXPORTS / name) for name in ("openai_usage.csv", "openai_cost.csv", "spans.json")]
    options = [part for file in files for part in ("--usage", file)]
    done = surfacelint(tmp_path, "review", "--output-format", "json", "--no-cache", *options)
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    jsonschema.validate(document, json.loads((REPOSITORY / "surfacelint" / "review" / "review.schema.json").read_text(encoding="utf-8")))
    summarise, index = document["workloads"]
    assert (summarise["volume"]["kind"], summarise["volume"]["calls_per_month"]) == ("measured", 30_000)
    month = summarise["offers"][0]["month"]
    assert (month["calls"], Decimal(month["cost"]), month["basis"]) == (30_000, Decimal("2.112"), "measured")
    assert {each["name"]: each["value"] for each in summarise["assumptions"] if each["basis"] == "measured"} == {
        "input_tokens": 800,
        "output_tokens": 100,
    }
    assert {each["name"]: each["value"] for each in index["assumptions"] if each["basis"] == "measured"} == {
        "seconds_per_call": 0.25,
        "input_tokens": 12,
    }
    assert index["volume"]["calls_per_month"] is None
    assert [each["basis"] for each in document["totals"]["sums"]] == ["measured"]
    (usage,) = document["usage"]
    assert [each["path"] for each in usage["files"]] == files
    assert (usage["requests"], usage["joined_requests"], usage["cost"], usage["joined_cost"]) == (3352, 3001, "1.9412", "0.2112")
    first = usage["unjoined"][0]
    assert (first["cost"], round(first["share_of_cost"], 2), first["reason"]) == ("1.25", 0.64, "the export does not name the model")
    assert usage["notes"] == []


def test_a_bad_export_ends_the_review_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "jobs.py").write_text(JOBS, encoding="utf-8")
    (tmp_path / "old.json").write_text("kept", encoding="utf-8")
    (tmp_path / "usage.csv").write_text("start_time,end_time,num_model_requests\n1790812800,1790899200,x\n", encoding="utf-8")
    done = surfacelint(tmp_path, "review", "-o", "old.json", "--usage", str(EXPORTS / "spans.json"), "--usage", "usage.csv")
    problem = 'usage.csv:2: num_model_requests: "x" is not a number; write numbers as 1234.5, without separators'
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {problem}\n")
    assert (tmp_path / "old.json").read_text(encoding="utf-8") == "kept"


def test_what_two_exports_state_is_said(tmp_path: Path) -> None:
    (tmp_path / "jobs.py").write_text(JOBS, encoding="utf-8")
    options = [part for name in ("openai_usage.csv", "otlp.jsonl") for part in ("--usage", str(EXPORTS / name))]
    done = surfacelint(tmp_path, "review", "--output-format", "json", "--no-cache", *options)
    assert done.returncode == 0
    assert "both state the requests and tokens of gpt-4o-mini: those of" in done.stderr
    assert [note for usage in json.loads(done.stdout)["usage"] for note in usage["notes"]]


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("2026-10-01..2026-10-30", ""),
        (
            "2026-10-02..2026-10-30",
            "litellm_daily_spend.csv:2: the time 2026-10-01 00:00 is outside of the period; give the period that the exports cover",
        ),
        ("2026-10-30..2026-10-01", "ends before it starts; write the first and the last day, such as 2026-10-01..2026-10-31"),
        ("october", "is not a period; write the first and the last day, such as 2026-10-01..2026-10-31"),
    ],
)
def test_the_period_of_exports_that_leave_days_out(period: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "jobs.py").write_text(JOBS, encoding="utf-8")
    options = ("--usage", str(EXPORTS / "litellm_daily_spend.csv"), "--usage-period", period)
    done = surfacelint(tmp_path, "review", "--output-format", "json", "--no-cache", *options)
    if said:
        assert (done.returncode, done.stdout) == (2, "")
        assert said in done.stderr
    else:
        row = json.loads(done.stdout)["workloads"][0]
        assert (row["verdict"], row["reason"].partition(":")[0]) == (
            "not worth it",
            "5 calls a day are fewer than 1,000 (`min-calls-per-day`)",
        )
        volume = row["volume"]
        assert (volume["calls_per_month"], volume["source"].partition(", ")[2]) == (150, "2026-10-01 to 2026-10-30")


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project, and an export whose models are a formula, a link, a terminal sequence and a very long name."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "jobs.py").write_text(JOBS, encoding="utf-8")
    (folder / "more.py").write_text(JOBS, encoding="utf-8")
    names = ["gpt-4o-mini", "=1+1", "[x](http://x) | @x", "a\x1b[31mred", "long-" * 30, *map(str, range(30))]
    page = {
        "start_time": 1790812800,
        "end_time": 1790899200,
        "results": [
            {"object": "organization.costs.result", "line_item": f"{name}, input", "amount": {"value": 0.25, "currency": "usd"}}
            if number % 2
            else {"object": "organization.usage.completions.result", "model": name, "num_model_requests": 10, "batch": False}
            for number, name in enumerate(names)
        ],
    }
    (folder / "usage.json").write_text(json.dumps(page), encoding="utf-8")
    return folder


def rendered(folder: Path, format_: str) -> str:
    done = surfacelint(folder, "review", "--no-cache", "--output-format", format_, "--usage", "usage.json")
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_table_lists_what_could_not_be_joined(hostile: Path) -> None:
    text = rendered(hostile, "table")
    assert max(map(len, text.splitlines())) <= 100
    assert "\x1b" not in text
    section = text.partition("usage that could not be joined (35)\n")[2]
    rows = section.splitlines()
    assert rows[0].split() == ["usage", "cost", "share", "requests", "share"]
    assert rows[1].split() == ["openai", "0", "$0.25", "6", "%"]
    assert rows[2] == "    no workload uses this model on this surface"
    assert "    … 15 more in the formats markdown, csv and json\n" in section
    assert "Usage exports, 2026-10-01 to 2026-10-01: 180 requests, of which 0 % belong to a workload for certain;" in " ".join(text.split())


def test_markdown_lists_what_could_not_be_joined(hostile: Path) -> None:
    section = rendered(hostile, "markdown").partition("## Usage that could not be joined\n\n")[2]
    lines = section.splitlines()
    assert lines[0] == "| usage | cost | share | requests | share | reason |"
    assert len(lines) == 2 + 35
    assert all(line.replace("\\|", "").count("|") == 7 for line in lines)
    assert "| openai gpt-4o-mini, completions, realtime |  |  | 10 | 6 % | 2 workloads can have caused it: jobs.py:9, more.py:9 |" in lines
    assert "http" not in section.replace("http://x) \\| @\u200bx", "")


def test_csv_lists_what_could_not_be_joined(hostile: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(rendered(hostile, "csv"))))
    rest = [row for row in rows if not row["id"]]
    assert len(rest) == 35
    assert len(rows) == 35 + 4
    assert sum(Decimal(row["measured_cost"] or 0) for row in rest) == Decimal("0.25") * 17
    assert sum(int(row["measured_requests"] or 0) for row in rest) == 180
    assert {row["models"] for row in rest} >= {"'=1+1", "gpt-4o-mini"}
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_csv_shares_are_everything(tmp_path: Path) -> None:
    (tmp_path / "jobs.py").write_text(JOBS, encoding="utf-8")
    options = [part for name in ("openai_usage.csv", "openai_cost.csv") for part in ("--usage", str(EXPORTS / name))]
    done = surfacelint(tmp_path, "review", "--no-cache", "--output-format", "csv", *options)
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    for share in ("share_of_measured_cost", "share_of_measured_requests"):
        assert sum(float(row[share] or 0) for row in rows) == pytest.approx(1)
    assert sum(Decimal(row["measured_cost"] or 0) for row in rows) == Decimal("1.9412")
    assert [row["measured_requests"] for row in rows if row["id"]] == ["3000", ""]


def test_messages_hold_no_terminal_sequences(tmp_path: Path) -> None:
    (tmp_path / "usage.csv").write_text("a\x1b[31m,b\u202e\n1,2\n", encoding="utf-8")
    done = surfacelint(tmp_path, "review", "--usage", "usage.csv")
    assert done.returncode == 2
    assert done.stderr.startswith("error: usage.csv:2: not a known usage export")
    assert "\x1b" not in done.stderr
    assert "\u202e" not in done.stderr
