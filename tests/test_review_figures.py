"""What a review computes: figures from volumes with a source, and verdicts that change with them."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from doors import surfacelint
from test_review import reviewed, write

from surfacelint.review.amounts import duration, money, number
from surfacelint.review.prices import Price, price_list, shipped_prices

LOOP = """
import sys
from openai import OpenAI

client = OpenAI()

for line in sys.stdin:{comment}
    client.responses.create(model="gpt-4o-mini", input=line)
"""


def row_of(folder: Path, *options: str, comment: str = "", code: str = LOOP) -> dict[str, Any]:
    """Return the only row of a program with a loop."""
    write(folder, {"job.py": code.replace("{comment}", comment)})
    (row,) = reviewed(folder, *options)["workloads"]
    assert isinstance(row, dict)
    return row


def offer(row: dict[str, Any], surface: str) -> dict[str, Any]:
    found = next(each for each in row["offers"] if each["surface"] == surface)
    assert isinstance(found, dict)
    return found


def test_unknown_volume_gets_a_rate_and_no_total(tmp_path: Path) -> None:
    row = row_of(tmp_path)
    assert row["volume"] == {
        "kind": "unknown",
        "calls_per_run": None,
        "runs_per_month": None,
        "calls_per_month": None,
        "at_most": False,
        "source": "",
    }
    for surface, cost, seconds in (("realtime", "0.30", 3000), ("batch", "0.15", 86400)):
        each = offer(row, surface)
        assert (each["run"], each["month"]) == (None, None)
        assert Decimal(each["rate"]["cost"]) == Decimal(cost)
        assert (each["rate"]["calls"], each["rate"]["seconds"], each["rate"]["basis"]) == (1000, seconds, "assumed")
    assert {each["name"]: (each["value"], each["source"]) for each in row["assumptions"]} == {
        "seconds_per_call": (3, "default"),
        "input_tokens": (1000, "default"),
        "output_tokens": (250, "default"),
    }


def test_ten_thousand_calls_of_three_seconds_in_a_row(tmp_path: Path) -> None:
    row = row_of(tmp_path, "--items", "10000", "--seconds-per-call", "3", "--input-tokens", "500", "--output-tokens", "100")
    run = offer(row, "realtime")["run"]
    assert (run["calls"], run["seconds"], Decimal(run["cost"])) == (10000, 30000, Decimal("1.35"))
    assert Decimal(offer(row, "batch")["run"]["cost"]) == Decimal("0.675")
    assert (row["volume"]["kind"], row["volume"]["source"], row["verdict"]) == ("declared", "--items", "move to batch")
    text = surfacelint(tmp_path, "review", "--no-cache", "--items", "10000").stdout
    assert "a run (10,000 calls): realtime $3.00, 8 h 20 min; batch $1.50, within 24 h" in " ".join(text.split())


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("volume=200/day", "the declared volume is 200 calls per day, below `min-calls-per-day` (1000)"),
        ("volume=200/day", "a move saves $0.90 on 6,000 calls a month"),
        ("one-off", "it is declared as `one-off`"),
        ("deadline=1h", "the declared deadline is 1 h, and a batch may take 24 h"),
    ],
)
def test_what_check_does_not_report_is_not_worth_it_with_the_arithmetic(tmp_path: Path, comment: str, reason: str) -> None:
    row = row_of(tmp_path, comment=f"  # surfacelint: {comment}")
    assert (row["verdict"], row["rules"]) == ("not worth it", [])
    assert reason in row["reason"]
    assert surfacelint(tmp_path, "check", "--no-cache").returncode == 0


@pytest.mark.parametrize(
    ("stated", "verdict", "reason"),
    [
        (
            'volume = "100/day"',
            "not worth it",
            "100 calls a day are fewer than 1,000 (`min-calls-per-day`): a move saves $0.45 on 3,000 calls",
        ),
        ('volume = "5k/day"', "move to batch", "submit as one batch"),
        ('deadline = "2 h"', "not worth it", "the answers are needed within 2 h, and a batch may take 24 h"),
        ("one-off = true", "not worth it", "the job runs once"),
        ("items = 20", "not worth it", "20 calls a run are fewer than 100 (`min-items`): 20 calls take 1 min one after another"),
        ('items = 20\nruns = "1/day"', "not worth it", "20 calls a day are fewer than 1,000"),
    ],
)
def test_the_volume_file_decides(tmp_path: Path, stated: str, verdict: str, reason: str) -> None:
    id_ = row_of(tmp_path)["id"]
    (tmp_path / "surfacelint-volumes.toml").write_text(f"[workloads.{id_}]\n{stated}\nreviewed = 2026-10-01\n", encoding="utf-8")
    row = row_of(tmp_path)
    assert (row["verdict"], row["reviewed"]) == (verdict, "2026-10-01")
    assert reason in row["reason"]
    if verdict == "not worth it":
        assert "`check` reports SRF101 until the volume is declared" in row["reason"]
        assert row["savings"] is None


def test_sums_tell_what_they_rest_on_and_what_they_leave_out(tmp_path: Path) -> None:
    other = '\n\ndef f(texts):\n    for text in texts:\n        client.responses.create(model="gpt-4o-mini", input=text)\n'
    write(tmp_path, {"job.py": LOOP.replace("{comment}", "  # surfacelint: volume=5k/day") + other})
    totals = reviewed(tmp_path)["totals"]
    assert (totals["workloads"], totals["without_figures"]) == (2, 1)
    (found,) = totals["sums"]
    assert (found["basis"], found["workloads"], found["calls"]) == ("assumed", 1, 150_000)
    assert (Decimal(found["cost"]), Decimal(found["savings"]), found["seconds"]) == (Decimal(45), Decimal("22.5"), 450_000)
    text = " ".join(surfacelint(tmp_path, "review", "--no-cache").stdout.split())
    assert "$45.00 for 150,000 calls of 1 workload, of which the verdicts save $22.50. Calls one after another take 5 d 5 h." in text
    assert "1 of 2 have no figure per month" in text
    assert "(assumed a call (default): 3 s, 1,000 input tokens, 250 output tokens)" in text


@pytest.mark.parametrize(
    ("model", "said"),
    [('"no-such-model"', "no-such-model is not in the price list"), ("sys.argv[1]", "the code does not name the model")],
)
def test_unknown_models_get_percentages_only(tmp_path: Path, model: str, said: str) -> None:
    row = row_of(tmp_path, code=LOOP.replace('"gpt-4o-mini"', model))
    assert offer(row, "batch")["price_ratio"] == "0.5"
    assert all(each["rate"]["cost"] is None and each["input_price"] is None for each in row["offers"])
    text = " ".join(surfacelint(tmp_path, "review", "--no-cache").stdout.split())
    assert said in text
    assert "batch 50 % of the price, within 24 h" in text
    assert "tokens" not in text


def test_a_tier_is_offered_only_for_models_with_a_price_for_it(tmp_path: Path) -> None:
    assert [each["surface"] for each in row_of(tmp_path)["offers"]] == ["realtime", "batch"]
    assert [each["surface"] for each in row_of(tmp_path, code=LOOP.replace("gpt-4o-mini", "gpt-5-mini"))["offers"]] == [
        "realtime",
        "flex",
        "batch",
    ]


def test_rounds_that_need_each_other_move_to_flex(tmp_path: Path) -> None:
    code = """
import sys
from openai import OpenAI

client = OpenAI()
summary = ""
for line in sys.stdin:
    summary = client.responses.create(model="gpt-5-mini", input=summary + line).output_text
"""
    row = row_of(tmp_path, code=code)
    assert (row["verdict"], row["rules"]) == ("move to flex", [])
    assert row["independence"] == {"answer": "dependent", "carrier": "summary"}
    assert "each call needs the result of an earlier one (`summary`)" in row["reason"]
    assert Decimal(row["savings"]["cost"]) == Decimal("0.375")


def test_the_extract_agrees_with_the_package() -> None:
    pytest.importorskip("genai_prices")
    shipped, installed = shipped_prices(), price_list()
    assert installed.source.endswith("installed")
    for provider, model in (
        ("openai", "gpt-4o"),
        ("anthropic", "claude-sonnet-4-5"),
        ("google-genai", "gemini-2.5-flash"),
        ("litellm", "gemini/gemini-2.5-pro"),
    ):
        for surface in ("realtime", "batch", "flex"):
            assert shipped.of(provider, model, surface) == installed.of(provider, model, surface), (model, surface)


def test_the_extract_is_dated_and_has_batch_and_flex_prices() -> None:
    shipped = shipped_prices()
    assert shipped.source.startswith("genai-prices ")
    assert "extract of 20" in shipped.source
    assert shipped.of("openai", "gpt-5-mini", "flex") == Price(Decimal("0.125"), Decimal("1"))
    assert shipped.of("openai", "gpt-5-mini-2025-08-07", "batch") == Price(Decimal("0.125"), Decimal("1"))
    assert shipped.of("openai", "no-such-model", "realtime") is None
    assert shipped.of("no-such-provider", "gpt-5-mini", "realtime") is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (30_000, "8 h 20 min"),
        (86_400, "24 h"),
        (3, "3 s"),
        (59.7, "1 min"),
        (3_599.9, "1 h"),
        (200_000, "2 d 8 h"),
        (0.25, "0.25 s"),
        (None, "unknown"),
    ],
)
def test_durations(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "$0.00"), ("0.00126", "$0.0013"), ("0.996", "$1.00"), ("12.345", "$12.35"), ("1234.5", "$1,235"), ("-3.2", "-$3.20")],
)
def test_amounts(amount: str, text: str) -> None:
    assert money(Decimal(amount)) == text


def test_numbers() -> None:
    assert [number(each) for each in (10_000.0, 6.666, 1234.56, None)] == ["10,000", "6.67", "1,235", "unknown"]


def test_money_is_exact(tmp_path: Path) -> None:
    row = row_of(tmp_path, "--items", "3", "--input-tokens", "0.1", "--output-tokens", "0.2")
    assert (
        Decimal(offer(row, "realtime")["run"]["cost"])
        == 3 * (Decimal("0.1") * Decimal("0.15") + Decimal("0.2") * Decimal("0.6")) / 1_000_000
    )
    assert isinstance(json.loads(json.dumps(row))["offers"][0]["run"]["cost"], str)
