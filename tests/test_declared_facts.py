"""Declared facts through the front door: why a call is silent, and what is said about declarations that the code contradicts."""

from __future__ import annotations

from pathlib import Path

import doors
import pytest

HEAD = "import openai\n\n\n"
ASK = "openai.responses.create(input={})"


def project(root: Path, code: str, settings: str = "") -> Path:
    (root / "surfacelint.toml").write_text(settings, encoding="utf-8")
    (root / "job.py").write_text(HEAD + code, encoding="utf-8")
    return root


def warnings(root: Path) -> list[str]:
    done = doors.surfacelint(root, "check", "--exit-zero")
    assert done.returncode == 0
    return [line.removeprefix("warning: ") for line in done.stderr.splitlines()]


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        ("volume=200/day", "the declared volume is 200 calls per day, below `min-calls-per-day` (1000)"),
        ("deadline=30min", "the declared deadline is 0.5 h, and a batch may take 24 h"),
        ("one-off", "it is declared as `one-off`"),
    ],
)
def test_explain_says_why(tmp_path: Path, fact: str, reason: str) -> None:
    project(tmp_path, f"def run(reviews):\n    for review in reviews:  # surfacelint: {fact}\n        {ASK.format('review')}\n")
    assert f"silent, because {reason}" in doors.surfacelint(tmp_path, "explain", "job.py:6").stdout
    assert warnings(tmp_path) == []


def test_the_least_volume_is_a_setting(tmp_path: Path) -> None:
    project(tmp_path, f"def run(reviews):\n    for review in reviews:  # surfacelint: volume=200/day\n        {ASK.format('review')}\n")
    assert doors.surfacelint(tmp_path, "check").returncode == 0
    assert doors.surfacelint(tmp_path, "check", "--min-calls-per-day", "200").returncode == 1
    if doors.FLAKE8_KNOWS_US:
        assert doors.flake8(tmp_path, "--select=SRF", "--surfacelint-min-calls-per-day=200") == ["job.py:6:9 SRF101"]
        assert doors.flake8(tmp_path, "--select=SRF") == []


WEB = "from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.post('/')\n"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (
            f"def run(texts):  # surfacelint: user-waits\n    for text in texts:\n        {ASK.format('text')}\n\n\nrun(open('x'))\n",
            "job.py:6: `user-waits` is declared, but no user waits for script job",
        ),
        (
            f"{WEB}def ask(text: str):  # surfacelint: background\n    return {ASK.format('text')}.output_text\n",
            "job.py:11: `background` is declared, but the response of FastAPI handler ask uses the result of `openai.responses.create`",
        ),
        (
            f"for word in range(500):  # surfacelint: volume=20/day\n    {ASK.format('word')}\n",
            "job.py:5: the declared volume is 20, but one run makes 500 calls",
        ),
        (
            "def add(a, b):  # surfacelint: one-off\n    return a + b\n\n\n" + ASK.format("'x'") + "\n",
            "job.py:4: unused declaration: no call there leads to a request",
        ),
        (
            f"for word in open('x'):  # surfacelint: user-waits, background\n    {ASK.format('word')}\n",
            "job.py:4: `# surfacelint: user-waits, background` declares both user-waits and background, which exclude each other",
        ),
    ],
)
def test_contradictions_are_said(tmp_path: Path, code: str, expected: str) -> None:
    assert warnings(project(tmp_path, code)) == [expected]


@pytest.mark.parametrize(
    "code",
    [
        # nobody is known to call it, so a user may wait
        f"def run(texts):  # surfacelint: user-waits\n    for text in texts:\n        {ASK.format('text')}\n",
        # the answer of the handler is another one
        f"{WEB}def ask(text: str):  # surfacelint: background\n    {ASK.format('text')}\n    return 'ok'\n",
        # as many in a week
        f"for word in range(500):  # surfacelint: volume=500/week\n    {ASK.format('word')}\n",
        # at most so many
        f"for word in list(open('x'))[:500]:  # surfacelint: volume=20/day\n    {ASK.format('word')}\n",
    ],
)
def test_what_may_be_right_is_not(tmp_path: Path, code: str) -> None:
    assert warnings(project(tmp_path, code)) == []


@pytest.mark.parametrize(
    ("settings", "code", "expected"),
    [
        (
            '[workloads."job:rum"]\none-off = true\n',
            0,
            "warning: surfacelint.toml:1: there is no function 'rum' in job; did you mean 'run'?",
        ),
        ('[workloads."jobs:run"]\none-off = true\n', 0, "warning: surfacelint.toml:1: there is no module 'jobs'; did you mean 'job'?"),
        (
            '[workloads."job:run"]\nuser-waits = true\n',
            0,
            "warning: job.py:6: a comment declares `background`, but the configuration declares",
        ),
        (
            '[workloads."run"]\none-off = true\n',
            2,
            "error: surfacelint.toml:1: [workloads]: 'run' is not a function; write module:function",
        ),
        (
            '[workloads."job:run"]\nvolumes = "2/day"\n',
            2,
            "error: surfacelint.toml:1: [workloads] 'job:run': unknown key 'volumes'; did you",
        ),
        ('[workloads."job:run"]\nvolume = 200\n', 2, "error: surfacelint.toml:1: [workloads] 'job:run': 'volume' must be a string such as"),
        ('[workloads."job:run"]\nvolume = "200"\n', 2, "error: surfacelint.toml:1: [workloads] 'job:run' has an invalid volume"),
    ],
)
def test_mistakes_in_configuration(tmp_path: Path, settings: str, code: int, expected: str) -> None:
    loop = f"def run(texts):  # surfacelint: background\n    for text in texts:\n        {ASK.format('text')}\n"
    done = doors.surfacelint(project(tmp_path, loop, settings), "check", "--exit-zero")
    assert (done.returncode, done.stderr.startswith(expected), done.stderr.count("\n")) == (code, True, 1)
