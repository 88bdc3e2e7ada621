"""The command line through its front door: what is printed where, and how it ends."""

from __future__ import annotations

import inspect
import json
import os
import platform
import subprocess
import sys
import time
import types
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import surfacelint
import surfacelint.pipeline
from surfacelint import cli, rules
from surfacelint.cli import console, progress
from surfacelint.config import OUTPUT_FORMATS, Config, settings
from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import Finding, Location, Report, RuleInfo, Severity
from surfacelint.model.workloads import Program
from surfacelint.rules import Rule

RULE = RuleInfo("SRF101", "realtime-call-in-loop", Severity.WARNING, True, "A rule.")
NOT_CHECKED = RuleInfo("SRF901", "file-not-checked", Severity.ERROR, True, "A rule.")
FINDING = Finding(RULE, "ask runs once per item of xs", Location("a.py", Span(Position(2, 4), Position(2, 7))))
CLEAN = Report(findings=(), suppressed=(), errors=(), files_checked=1)
FOUND = replace(CLEAN, findings=(FINDING,), sources=(("a.py", "for x in xs:\n    ask(x)\n"),))
LINE = "a.py:2:5: SRF101 ask runs once per item of xs\n"


def check(_program: Program, _info: RuleInfo) -> Iterator[Finding]:
    return iter(())


RULES = (Rule("SRF101", Severity.WARNING, check), Rule("SRF901", Severity.ERROR, rules.find("SRF901", rules.RULES).check))


class Engine(types.ModuleType):
    """Replaces the engine. It remembers how it was called, and returns `report` or raises it."""

    def __init__(self) -> None:
        super().__init__("surfacelint.pipeline.engine")
        self.report: Report | BaseException = CLEAN
        self.config = Config()
        self.called: dict[str, Any] = {}

    def run(
        self,
        paths: Sequence[str],
        config: Config,
        stdin: str | None = None,
        stdin_filename: str | None = None,
        *_more: object,
        **_named: object,
    ) -> Report:
        self.called = {"paths": list(paths), "stdin": stdin, "stdin_filename": stdin_filename}
        self.config = config
        if isinstance(self.report, BaseException):
            raise self.report
        return self.report


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    stub = Engine()
    monkeypatch.setitem(sys.modules, "surfacelint.pipeline.engine", stub)
    monkeypatch.setattr(surfacelint.pipeline, "engine", stub, raising=False)
    monkeypatch.setattr(rules, "RULES", RULES)
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "SURFACELINT_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return stub


# click before 8.2 mixes the two streams unless it is told not to.
SEPARATE: dict[str, Any] = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}


def run(*arguments: str, **extra: Any) -> Result:
    return CliRunner(**SEPARATE).invoke(cli.main, arguments, **extra)


class TestExitCodes:
    @pytest.mark.parametrize(
        ("report", "arguments", "code"),
        [
            (CLEAN, (), 0),
            (FOUND, (), 1),
            (FOUND, ("--exit-zero",), 0),
            (replace(FOUND, errors=("b.py does not exist",)), (), 2),
            (replace(FOUND, errors=("b.py does not exist",)), ("--exit-zero",), 2),
            (replace(CLEAN, findings=(replace(FINDING, rule=NOT_CHECKED),)), ("--exit-zero",), 2),
            (KeyError("x"), ("--exit-zero",), 2),
            (KeyboardInterrupt(), (), 2),
        ],
    )
    def test_code(self, engine: Engine, report: Report | BaseException, arguments: tuple[str, ...], code: int) -> None:
        engine.report = report
        assert run("check", *arguments).exit_code == code


class TestOutput:
    def test_full_ends_with_a_summary(self, engine: Engine) -> None:
        engine.report = FOUND
        result = run("check", "a.py")
        assert result.stdout.startswith(LINE)
        assert result.stdout.endswith("\n\nFound 1 finding (1 file checked).\n")
        assert result.stderr == ""

    def test_clean(self, engine: Engine) -> None:
        assert run("check").stdout == "All clear: 1 file checked.\n"

    @pytest.mark.parametrize("arguments", [("--quiet",), ("--output-format", "concise"), ("--output-format", "json")])
    def test_nothing_else_is_printed(self, engine: Engine, arguments: tuple[str, ...]) -> None:
        assert run("check", *arguments).output in ("", "[]\n")

    def test_errors_go_to_stderr(self, engine: Engine) -> None:
        engine.report = replace(FOUND, errors=("b.py does not exist", "c: is\nodd"))
        result = run("check", "--output-format", "json")
        assert [each["code"] for each in json.loads(result.stdout)] == ["SRF101"]
        assert result.stderr == "error: b.py does not exist\nerror: c: is odd\n"

    def test_statistics(self, engine: Engine) -> None:
        engine.report = FOUND
        assert run("check", "--statistics").stdout == "1  SRF101  realtime-call-in-loop\nFound 1 finding (1 file checked).\n"
        assert json.loads(run("check", "--statistics", "--output-format", "json").stdout)[0]["count"] == 1

    def test_statistics_have_no_place_in_some_formats(self, engine: Engine) -> None:
        result = run("check", "--statistics", "--output-format", "sarif")
        assert (result.exit_code, result.stdout, engine.called) == (2, "", {})
        assert result.stderr.startswith("error: sarif does not support --statistics: choose --output-format full, concise, json")

    def test_verbose_talks_on_stderr(self, engine: Engine, tmp_path: Path) -> None:
        result = run("check", "--verbose", "--output-format", "concise")
        assert result.stdout == ""
        settings_line, done_line = result.stderr.splitlines()
        assert settings_line.startswith(f"settings: defaults, project {tmp_path}, ")
        assert done_line.startswith("done: All clear: 1 file checked. (0.")

    @pytest.mark.parametrize(
        ("when", "environment", "terminal", "expected"),
        [
            ("auto", {}, True, True),
            ("auto", {}, False, False),
            ("auto", {"TERM": "dumb"}, True, False),
            ("auto", {"NO_COLOR": "1"}, True, False),
            ("auto", {"NO_COLOR": ""}, True, True),
            ("auto", {"FORCE_COLOR": "1"}, False, True),
            ("auto", {"FORCE_COLOR": "0"}, False, False),
            ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
            ("always", {"NO_COLOR": "1"}, False, True),
            ("never", {"FORCE_COLOR": "1"}, True, False),
        ],
    )
    def test_colour(self, when: str, environment: dict[str, str], terminal: bool, expected: bool) -> None:
        assert console.wants_colour(when, environment, terminal) is expected

    def test_colour_reaches_the_report(self, engine: Engine) -> None:
        engine.report = FOUND
        assert "\x1b[" in run("check", "--color", "always").stdout
        assert "\x1b[" not in run("check").stdout


class TestProgress:
    @pytest.mark.parametrize(
        ("quiet", "environment", "terminal", "expected"),
        [
            (False, {}, True, True),
            (False, {"CI": ""}, True, True),
            (True, {}, True, False),
            (False, {}, False, False),
            (False, {"CI": "true"}, True, False),
            (False, {"TERM": "dumb"}, True, False),
        ],
    )
    def test_wanted(self, quiet: bool, environment: dict[str, str], terminal: bool, expected: bool) -> None:
        assert progress.wanted(quiet, environment, terminal) is expected

    @pytest.mark.parametrize("seconds", [0.0, 0.3])
    def test_line(self, seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
        written: list[str] = []
        monkeypatch.setattr(progress, "PATIENCE", 0.05 if seconds else 60)
        monkeypatch.setattr(progress, "INTERVAL", 0.01)
        monkeypatch.setattr(progress, "_write", written.append)
        with progress.progress(True):
            time.sleep(seconds)
        assert bool(written) is bool(seconds)
        assert not written or (written[0], written[-1]) == ("\rchecking, 0 s", "\r\x1b[K")
        count = len(written)
        time.sleep(0.05)
        assert len(written) == count

    def test_it_ends_with_the_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        written: list[str] = []
        monkeypatch.setattr(progress, "PATIENCE", 0.0)
        monkeypatch.setattr(progress, "_write", written.append)
        with pytest.raises(KeyError), progress.progress(True):
            time.sleep(0.05)
            raise KeyError
        assert written[-1] == "\r\x1b[K"

    @pytest.mark.skipif(os.name == "nt", reason="no such terminals there")
    @pytest.mark.parametrize(("arguments", "ci", "shown"), [((), "", True), (("--quiet",), "", False), ((), "1", False)])
    def test_on_a_terminal(self, arguments: tuple[str, ...], ci: str, shown: bool) -> None:
        import pty

        ours, theirs = pty.openpty()
        environment = {**os.environ, "CI": ci, "TERM": "xterm"}
        command = [sys.executable, "-c", SLOW, "check", *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=theirs, env=environment, check=False)
        os.write(theirs, b".")
        text = b""
        while not text.endswith(b"."):  # a terminal hands on what it gets in pieces
            text += os.read(ours, 10_000)
        for each in (ours, theirs):
            os.close(each)
        assert (done.returncode, text.startswith(b"\rchecking, 0 s"), text.endswith(b"\r\x1b[K.")) == (1, shown, shown)


class TestOutputFile:
    def test_written_at_once(self, engine: Engine, tmp_path: Path) -> None:
        engine.report = FOUND
        (tmp_path / "report.txt").write_text("old", encoding="utf-8")
        result = run("check", "--output-format", "concise", "--color", "always", "-o", "report.txt")
        assert (result.exit_code, result.output) == (1, "")
        assert (tmp_path / "report.txt").read_text(encoding="utf-8") == LINE
        assert [path.name for path in tmp_path.iterdir()] == ["report.txt"]

    def test_the_summary_stays_on_stdout(self, engine: Engine) -> None:
        assert run("check", "-o", "report.txt").stdout == "All clear: 1 file checked.\n"

    def test_a_folder_that_is_missing(self, engine: Engine, tmp_path: Path) -> None:
        result = run("check", "-o", "nowhere/report.txt")
        assert result.exit_code == 2
        assert result.stderr.startswith("error: nowhere/report.txt: cannot be written: No such file or directory; ")

    def test_a_folder(self, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "reports").mkdir()
        assert run("check", "-o", "reports").exit_code == 2
        assert list((tmp_path / "reports").iterdir()) == []

    @pytest.mark.skipif(os.name == "nt", reason="links need rights there")
    def test_links_are_followed(self, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "link.json").symlink_to("real.json")
        run("check", "--output-format", "json", "-o", "link.json")
        assert (tmp_path / "link.json").is_symlink()
        assert (tmp_path / "real.json").read_text(encoding="utf-8") == "[]\n"

    @pytest.mark.skipif(os.name == "nt", reason="no such device there")
    def test_devices_are_written_to(self, engine: Engine) -> None:
        assert run("check", "--output-format", "json", "-o", "/dev/null").exit_code == 0
        assert not Path("/dev/null").is_file()


class TestSettings:
    def test_every_setting_has_its_flag(self) -> None:
        text = run("check", "--help").stdout
        assert "Other options:\n  -h, --help" in text
        assert all(setting.flag in text for setting in settings().values())

    def test_flags_beat_the_file(self, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "pyproject.toml").write_text("[tool.surfacelint]\nmin-items = 3\ncheck-tests = true\n", encoding="utf-8")
        run("check", "--no-check-tests")
        assert (engine.config.min_items, engine.config.check_tests) == (3, False)
        run("check", "--min-items", "5")
        assert (engine.config.min_items, engine.config.check_tests) == (5, True)
        run("check", "--isolated")
        assert (engine.config.min_items, engine.config.check_tests) == (100, False)

    def test_lists(self, engine: Engine, tmp_path: Path) -> None:
        run(
            "check",
            *("--select", "SRF9,SRF901", "--select", "ALL", "--exclude", "a, b", "--extend-exclude", "c"),
            *("--per-file-ignores", "tests/*:SRF9,SRF901", "--per-file-ignores", "c.py:SRF901"),
            "--force-exclude",
        )
        assert engine.config.select == ("SRF9", "SRF901", "ALL")
        assert (engine.config.exclude, engine.config.extend_exclude) == (("a", "b"), ("c",))
        assert engine.config.per_file_ignores == ((f"{tmp_path.as_posix()}/tests/*", ("SRF9", "SRF901")), ("c.py", ("SRF901",)))
        assert engine.config.force_exclude

    def test_output_format_of_the_file(self, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "surfacelint.toml").write_text('output-format = "json"\n', encoding="utf-8")
        assert run("check").stdout == "[]\n"

    def test_that_nothing_is_enabled_is_a_warning(self, engine: Engine) -> None:
        assert (
            run("check", "--select", "").stderr == "warning: no rule is enabled, so there can be no findings; see `select` and `ignore`\n"
        )


class TestPaths:
    def test_default(self, engine: Engine) -> None:
        run("check")
        assert engine.called == {"paths": ["."], "stdin": None, "stdin_filename": None}

    def test_given(self, engine: Engine) -> None:
        run("check", "b", "a")
        assert engine.called["paths"] == ["b", "a"]

    @pytest.mark.parametrize(
        ("data", "text"),
        [
            (b"x = 1\r\ny = 2\n", "x = 1\ny = 2\n"),
            (b"\xef\xbb\xbfx = '\xc3\xa9'\n", "x = 'é'\n"),
            (b"# coding: latin-1\nx = '\xe9'\n", "# coding: latin-1\nx = 'é'\n"),
            (b"", ""),
        ],
    )
    def test_stdin(self, engine: Engine, data: bytes, text: str) -> None:
        run("check", "--stdin-filename", "pkg/a.py", "-", input=data)
        assert engine.called == {"paths": ["-"], "stdin": text, "stdin_filename": "pkg/a.py"}

    def test_stdin_without_name(self, engine: Engine) -> None:
        run("check", "-", input="x\n")
        assert engine.called == {"paths": ["-"], "stdin": "x\n", "stdin_filename": None}

    def test_settings_are_those_around_the_file_on_stdin(self, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "pkg").mkdir()
        (tmp_path / "pkg" / "surfacelint.toml").write_text("min-items = 3\n", encoding="utf-8")
        run("check", "--stdin-filename", "pkg/a.py", "-", input="")
        assert engine.config.min_items == 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("chek",), "unknown command 'chek'; did you mean `surfacelint check`?; see `surfacelint --help`"),
        (("pkg",), "unknown command 'pkg'; did you mean `surfacelint check pkg`?; see `surfacelint --help`"),
        (("--nope",), "No such option"),
        (("check", "--select", "SFR901"), "command line: unknown rule 'SFR901' is selected; did you mean 'SRF901'?"),
        (("check", "--min-items", "x"), "Invalid value for '--min-items': 'x' is not a valid integer; see `surfacelint check --help`"),
        (("check", "--min-items", "-1"), "command line: 'min-items' must be an integer of 0 or more, not -1"),
        (("check", "--stdin-filename", "a.py"), "--stdin-filename requires - as the path; see"),
        (("check", "-", "a.py"), "- reads standard input and must be the only path; see `surfacelint check --help`"),
        (("check", "--per-file-ignores", "SRF1"), "--per-file-ignores takes PATTERN:CODE, as in 'scripts/*:SRF101', not 'SRF1'; see"),
        (("check", "--config", "nope.toml"), "nope.toml: cannot be read: No such file or directory"),
        (("check", "bad"), f"{Path('bad', 'surfacelint.toml')}:1: unknown key 'min-item'; did you mean 'min-items'?"),
        (("rule", "SRF9999"), "unknown rule 'SRF9999'; did you mean 'SRF901'?"),
        (("rule", "srf1"), "unknown rule 'srf1'; rules with this prefix: SRF101"),
        (("rule", "what"), "unknown rule 'what'; run `surfacelint rule` to list all rules"),
    ],
)
def test_a_mistake_is_one_line_on_stderr(engine: Engine, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "surfacelint.toml").write_text("min-item = 3\n", encoding="utf-8")
    result = run(*arguments)
    assert result.stderr.startswith(f"error: {message}")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)


def test_undecodable_stdin(engine: Engine) -> None:
    result = run("check", "-", input=b"x = '\xff'\n")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: standard input: cannot be decoded: ")


class TestCrash:
    def test_one_line(self, engine: Engine) -> None:
        engine.report = ValueError("two\nlines")
        result = run("check")
        assert result.stdout == ""
        assert result.stderr == (
            "error: surfacelint itself failed with ValueError: two lines; "
            "please report it with the output of SURFACELINT_DEBUG=1 and `surfacelint --bug-report`\n"
        )

    def test_traceback_on_request(self, engine: Engine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setenv("SURFACELINT_DEBUG", "1")
        engine.report = ValueError("odd")
        assert "Traceback (most recent call last)" in run("check").stderr


class TestRule:
    def test_page(self) -> None:
        result = run("rule", "SRF901")
        assert result.exit_code == 0
        assert result.stdout.startswith("# file-not-checked (SRF901)\n\nA file could not be checked.\n\n## What it does\n")

    def test_list(self) -> None:
        rows = run("rule").stdout.splitlines()
        assert rows == sorted(rows)
        assert any(row.startswith("SRF901  on   file-not-checked ") and row.endswith("A file could not be checked.") for row in rows)


class TestProviders:
    def test_table(self) -> None:
        rows = run("providers").stdout.splitlines()
        assert rows[0].split()[:2] == ["provider", "realtime"]
        openai = next(row for row in rows if row.startswith("openai "))
        assert "OpenAI Batch API" in openai
        assert "50%" in openai
        assert "flex" in openai
        assert max(map(len, rows)) <= 100

    def test_one(self) -> None:
        page = run("providers", "anthropic").stdout
        assert page.startswith("Anthropic (anthropic), provider\n")
        assert "  anthropic.Anthropic().messages.create\n" in page
        assert "  max-requests: 100,000\n" in page
        assert "  apart: yes\n" in run("providers", "openai").stdout

    def test_tiers_are_named_once(self) -> None:
        row = next(row for row in run("providers").stdout.splitlines() if row.startswith("google-genai "))
        assert row.count("flex") == 1

    def test_json(self) -> None:
        (facts,) = json.loads(run("providers", "openai", "--output-format", "json").stdout)
        assert facts["name"] == "openai"
        assert facts["batch"]["discount"] == 0.5
        assert "openai.OpenAI().embeddings.create" in facts["takes-list"]

    def test_unknown(self) -> None:
        result = run("providers", "opena")
        assert (result.exit_code, result.stdout) == (2, "")
        assert "unknown provider 'opena'; did you mean 'openai'?" in result.stderr


class TestHelp:
    def test_no_command_is_a_mistake(self) -> None:
        result = run()
        assert (result.exit_code, result.stdout) == (2, "")
        assert "Usage:" in result.stderr

    @pytest.mark.parametrize("arguments", [("--help",), ("check", "--help")])
    def test_three_examples(self, arguments: tuple[str, ...]) -> None:
        result = run(*arguments)
        assert result.exit_code == 0
        examples = result.stdout.partition("Examples:")[2].splitlines()
        assert len([line for line in examples if line.strip().startswith("surfacelint ")]) == 3

    def test_it_fits_a_screen(self) -> None:
        lines = run("--help", terminal_width=80).stdout.splitlines()
        assert len(lines) <= 30
        assert max(map(len, lines)) <= 90

    def test_options_of_check_by_section(self) -> None:
        text = run("check", "--help").stdout
        titles = ["Rules:", "Files:", "Settings:", "Output:", "Other options:"]
        assert [line for line in text.splitlines() if line in titles] == titles

    @pytest.mark.parametrize("option", ["--version", "-V"])
    def test_version(self, option: str) -> None:
        first, python, packages = run(option).stdout.splitlines()
        assert first == f"surfacelint {surfacelint.__version__}"
        assert python.startswith(f"{sys.implementation.name} {platform.python_version()} on ")
        assert packages.startswith(f"click {metadata.version('click')}")


def test_public_api(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "surfacelint.toml").write_text("min-items = 3\n", encoding="utf-8")
    assert surfacelint.check([Path("a.py")]) is CLEAN
    assert (engine.called["paths"], engine.config.min_items) == (["a.py"], 3)
    surfacelint.check("b.py")
    assert engine.called["paths"] == ["b.py"]
    surfacelint.check(["-"], stdin="x", stdin_filename="a.py")
    assert engine.called == {"paths": ["-"], "stdin": "x", "stdin_filename": "a.py"}
    surfacelint.check(["a.py"], Config(min_items=5))
    assert engine.config.min_items == 5


STUB = """
import sys, types
from surfacelint import rules
from surfacelint.cli import main
from surfacelint.model.findings import *
from surfacelint.facts.expressions import Position, Span

rule = RuleInfo("SRF101", "a-rule", Severity.WARNING, True, "A rule.")
where = Location("a.py", Span(Position(1, 0), Position(1, 3)))
engine = types.ModuleType("surfacelint.pipeline.engine")
engine.run = lambda *_, **__: Report((Finding(rule, "→" * 80, where),) * 5000, (), (), 1)
sys.modules["surfacelint.pipeline.engine"] = engine
rules.RULES = (*rules.RULES, rules.Rule("SRF101", Severity.WARNING, lambda *_: iter(())))
main()
"""


SLOW = STUB.replace(
    "main()\n",
    "import time; from surfacelint.cli import progress; progress.PATIENCE = 0.1; quick = engine.run\n"
    "engine.run = lambda *a, **k: (time.sleep(0.4), quick(*a, **k))[1]\nmain()\n",
)


class TestProcess:
    """What only a real process shows."""

    def start(self, *arguments: str, code: str | None = None, **extra: Any) -> subprocess.Popen[bytes]:
        command = [sys.executable, *(("-m", "surfacelint") if code is None else ("-c", code)), *arguments]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **extra)

    @pytest.mark.parametrize(
        ("arguments", "code"), [(("--version",), 0), (("rule", "SRF901"), 0), (("rule", "X"), 2), (("check", "--nope"), 2)]
    )
    def test_exit_codes(self, arguments: tuple[str, ...], code: int) -> None:
        process = self.start(*arguments)
        _, errors = process.communicate()
        assert process.returncode == code
        assert errors.count(b"\n") == (code == 2)

    def test_findings(self) -> None:
        process = self.start("check", "--output-format", "concise", code=STUB)
        output, errors = process.communicate()
        assert (process.returncode, output.count(b"\n"), errors) == (1, 5000, b"")

    def test_a_character_that_stdout_lacks_is_escaped(self) -> None:
        process = self.start("check", "--quiet", code=STUB, env={**os.environ, "PYTHONIOENCODING": "latin-1"})
        output, errors = process.communicate()
        assert (process.returncode, errors) == (1, b"")
        assert output.startswith(b"a.py:1:1: SRF101 \\u2192\\u2192")

    @pytest.mark.parametrize("name", OUTPUT_FORMATS)
    @pytest.mark.parametrize("file", [(), ("-o", "/dev/stdout")])
    def test_a_closed_pipe_is_quiet(self, name: str, file: tuple[str, ...]) -> None:
        if file and not Path(file[1]).exists():
            pytest.skip("no such device here")
        process = self.start("check", "--output-format", name, *file, code=STUB)
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        with process.stderr:
            errors = process.stderr.read()
        assert (process.wait(), errors) == (1, b"")

    @pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="no such device here")
    def test_stdout_by_another_name_is_not_replaced(self, tmp_path: Path) -> None:
        with (tmp_path / "out.txt").open("wb") as file:
            command = [sys.executable, "-c", STUB, "check", "-o", "/dev/stdout"]
            assert subprocess.run(command, stdout=file, check=False).returncode == 1
        text = (tmp_path / "out.txt").read_text(encoding="utf-8")
        assert (text.count(": SRF101 "), text.splitlines()[-1]) == (5000, "Found 5000 findings (1 file checked).")

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
    def test_a_full_disk_is_not(self) -> None:
        with Path("/dev/full").open("wb") as full:
            process = subprocess.run([sys.executable, "-c", STUB, "check"], stdout=full, stderr=subprocess.PIPE, check=False)
        assert process.returncode == 2
        assert process.stderr == b"error: standard output: cannot be written: No space left on device\n"

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
    @pytest.mark.parametrize("option", ["--version", "--help"])
    def test_what_is_said_at_once_may_not_be_lost_either(self, option: str) -> None:
        with Path("/dev/full").open("wb") as full:
            command = [sys.executable, "-m", "surfacelint", option]
            buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
            process = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, env=buffered)
        assert process.returncode == 2
        assert process.stderr == b"error: standard output: cannot be written: No space left on device\n"

    @pytest.mark.parametrize("arguments", [("--version",), ("--help",)])
    def test_starting_imports_only_what_is_needed(self, arguments: tuple[str, ...]) -> None:
        script = (
            "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr));from surfacelint.startup import main; main()"
        )
        command = [sys.executable, "-c", script, *arguments]
        loaded = set(subprocess.run(command, capture_output=True, text=True, check=True).stderr.split())
        ours = {name for name in loaded if name.startswith("surfacelint")}
        cache = (".cache", ".cache.marked_folder", ".cache.replay")
        system = (".file_dependencies", ".git", ".prerendered_help", ".safe_reading", ".version")
        names = ("", *cache, ".startup", ".system", *(f".system{name}" for name in system))
        door = {f"surfacelint{name}" for name in names}
        assert ours >= door
        if arguments == ("--version",):
            assert ours == door
        assert not loaded & {"ast", "tomllib", "rich", "flake8", "difflib", "surfacelint.pipeline.engine"}

    def test_commands_do_not_import_what_only_bug_reports_need(self) -> None:
        command = [sys.executable, "-c", "import sys, surfacelint.cli; print(*sys.modules)"]
        loaded = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
        assert "surfacelint.cli.bug_report" in loaded
        assert not loaded & {"importlib.metadata", "surfacelint.system.environment", "surfacelint.cache.last_run"}


LOOP = """\
from openai import OpenAI

client = OpenAI()


def run(reviews):
    for review in reviews:
        client.responses.create(model="gpt-5-mini", input=review)
"""
CALLER = """\
from wording import ask


def run(reviews):
    for review in reviews:
        ask(
            review,
        )
"""
HELPER = """\
from openai import OpenAI

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-5-mini", input=text)
"""


class TestEndToEnd:
    """The command line with all that is behind it."""

    @pytest.fixture(autouse=True)
    def project(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        for name, text in {"pyproject.toml": "", "job.py": LOOP, "clean.py": "print()\n"}.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    def found(self, *arguments: str, **extra: Any) -> tuple[int, list[str]]:
        """Return the exit code, and place and code of each finding."""
        result = run("check", "--output-format", "concise", *arguments, **extra)
        return result.exit_code, [" ".join(line.split()[:2]) for line in result.stdout.splitlines()]

    def test_finding(self) -> None:
        assert self.found() == (1, ["job.py:8:9: SRF101"])
        assert self.found("job.py") == (1, ["job.py:8:9: SRF101"])
        assert self.found("clean.py") == (0, [])

    def test_full(self) -> None:
        lines = run("check", "job.py").stdout.splitlines()
        assert lines[0].startswith("job.py:8:9: SRF101 [fix] `client.responses.create` runs once per item of `reviews`")
        assert lines[3].startswith("8 |         client.responses.create(")
        assert "  1 --> job.py:7:5: " in "\n".join(lines)
        assert any(line.startswith("help: ") for line in lines)
        assert lines[-2:] == ["Found 1 finding (1 file checked).", "1 fixable with `--unsafe-fixes`."]
        assert run("check", "job.py", "--unsafe-fixes").stdout.endswith("\n1 fixable with `--fix`.\n")

    def test_the_project_around_the_file_is_read(self, project: Path) -> None:
        (project / "caller.py").write_text(CALLER, encoding="utf-8")
        (project / "wording.py").write_text(HELPER, encoding="utf-8")
        assert self.found("caller.py") == (1, ["caller.py:6:9: SRF101"])
        [finding] = json.loads(run("check", "caller.py", "--output-format", "json").stdout)
        assert (finding["location"], finding["end_location"]) == ({"row": 6, "column": 9}, {"row": 8, "column": 10})
        assert [Path(step["filename"]).name for step in finding["trace"]][-1] == "wording.py"

    @pytest.mark.parametrize("line", [6, 7, 8])
    @pytest.mark.parametrize("comment", ["# noqa: SRF101", "# surfacelint: ignore[SRF101] -- a few"])
    def test_a_comment_on_any_line_of_the_call(self, project: Path, line: int, comment: str) -> None:
        lines = CALLER.splitlines()
        lines[line - 1] += f"  {comment}"
        (project / "caller.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (project / "wording.py").write_text(HELPER, encoding="utf-8")
        assert self.found("caller.py") == (0, [])

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (("--ignore", "SRF101"), (0, [])),
            (("--select", "SRF3"), (0, [])),
            (("--per-file-ignores", "job.py:SRF1"), (0, [])),
            (("--exclude", "job.py"), (0, [])),
            (("--exclude", "job.py", "job.py"), (1, ["job.py:8:9: SRF101"])),
            (("--exclude", "job.py", "--force-exclude", "job.py"), (0, [])),
            (("--exit-zero",), (0, ["job.py:8:9: SRF101"])),
        ],
    )
    def test_settings(self, arguments: tuple[str, ...], expected: tuple[int, list[str]]) -> None:
        assert self.found(*arguments) == expected

    def test_stdin_stands_for_a_file_of_the_project(self, project: Path) -> None:
        (project / "wording.py").write_text(HELPER, encoding="utf-8")
        assert self.found("--stdin-filename", "caller.py", "-", input=CALLER) == (1, ["caller.py:6:9: SRF101"])
        assert self.found("--stdin-filename", "job.py", "-", input="print()\n") == (0, [])

    def test_notebook(self, project: Path) -> None:
        cell: dict[str, object] = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
        cells = [{**cell, "source": "import os"}, {**cell, "source": LOOP}]
        notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
        (project / "book.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        result = run("check", "--output-format", "concise", "book.ipynb")
        assert (result.exit_code, result.stdout[:30]) == (1, "book.ipynb:cell 2:8:9: SRF101 ")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [(("nope.py",), "error: nope.py does not exist\n"), (("job.py", "empty"), "error: no Python files under empty\n")],
    )
    def test_what_cannot_be_checked(self, project: Path, arguments: tuple[str, ...], message: str) -> None:
        (project / "empty").mkdir()
        result = run("check", *arguments)
        assert (result.exit_code, result.stderr) == (2, message)

    def test_a_file_that_cannot_be_parsed(self, project: Path) -> None:
        (project / "broken.py").write_text("import openai\ndef run(:\n", encoding="utf-8")
        assert self.found("--exit-zero") == (2, ["broken.py:2:9: SRF901", "job.py:8:9: SRF101"])


def test_traces_name_functions_as_the_source_does(tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text(
        "from openai import OpenAI\n\nclient = OpenAI()\n\n\n"
        "if OpenAI:\n    def ask(text):\n        return text\n"
        "else:\n    def ask(text):\n        return client.responses.create(model='gpt-5', input=text)\n\n\n"
        "for row in open('rows.txt'):\n    ask(row)\n",
        encoding="utf-8",
    )
    found = surfacelint.check([tmp_path / "job.py"]).findings
    assert [step.note for finding in found for step in finding.trace][1:] == ["calls `ask`", "`client.responses.create` sends the request"]


class TestRuleJson:
    def test_all(self) -> None:
        found = json.loads(run("rule", "--all", "--output-format", "json").stdout)
        assert [each["code"] for each in found] == [rule.code for rule in rules.load()]
        assert {"code", "name", "summary", "severity", "default", "explanation", "url"} == found[0].keys()

    def test_one(self) -> None:
        assert json.loads(run("rule", "SRF101", "--output-format", "json").stdout)["name"] == "realtime-call-in-loop"

    def test_pages_of_all(self) -> None:
        assert run("rule", "--all").stdout.count("\n## What it does\n") == len(rules.load())

    def test_one_of_all_is_refused(self) -> None:
        assert run("rule", "SRF101", "--all").exit_code == 2
