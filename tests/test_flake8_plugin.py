"""The plugin by itself, and inside of real flake8."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
import types
from argparse import Namespace
from collections.abc import Iterator, Sequence
from pathlib import Path

import doors
import pytest

import surfacelint
from surfacelint import rules
from surfacelint.cache import replay
from surfacelint.config import Config, settings
from surfacelint.facts.expressions import Position, Span
from surfacelint.flake8 import report
from surfacelint.flake8.options import MIRRORED, Flake8Options
from surfacelint.flake8.plugin import Plugin
from surfacelint.model.findings import Finding, Location, Report, RuleInfo, Severity, SuppressedBy
from surfacelint.model.workloads import Program
from surfacelint.pipeline import engine as real_engine
from surfacelint.rules import Rule
from surfacelint.system.file_dependencies import FRESH, Dependencies

CODE = "for x in xs:\n    ask(x)\n"


def check(_program: Program, _info: RuleInfo) -> Iterator[Finding]:
    return iter(())


RULES = (
    Rule("SRF101", Severity.WARNING, check),
    Rule("SRF106", Severity.WARNING, check, default=False),
    Rule("SRF901", Severity.ERROR, check),
)


class Engine(types.ModuleType):
    """Stands in for the engine: reports line 2 of every file that it is asked about, or raises what `failure` says."""

    def __init__(self) -> None:
        super().__init__("surfacelint.pipeline.engine")
        self.calls: list[tuple[list[str], Config, str | None, str | None]] = []
        self.failure: Exception | None = None
        self.suppressed = False

    def files(self, paths: Sequence[str], config: Config) -> tuple[tuple[Path, ...], tuple[str, ...]]:
        assert config.force_exclude
        return real_engine.files(paths, config)

    def run(
        self,
        paths: Sequence[str],
        config: Config,
        stdin: str | None = None,
        stdin_filename: str | None = None,
        dependencies: Dependencies | None = None,
        *,
        parsed: bool = False,
        fixes: bool = True,
    ) -> Report:
        assert not fixes  # flake8 shows none
        assert parsed or dependencies is None  # flake8 has parsed all files of a project itself
        self.calls.append((list(paths), config, stdin, stdin_filename))
        if self.failure is not None:
            raise self.failure
        names = [stdin_filename if path == "-" and stdin_filename else os.path.relpath(path) for path in paths]
        where = [Location(Path(name).as_posix(), Span(Position(2, 4), Position(2, 10))) for name in names]
        by = SuppressedBy("inSource") if self.suppressed else None
        findings = tuple(Finding(RULES[0].info, "ask runs once per item of xs", each, suppressed=by) for each in where)
        live, silent = ((), findings) if self.suppressed else (findings, ())
        return Report(live, silent, (), len(paths))


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    stub = Engine()
    monkeypatch.setattr(report, "engine", stub)
    monkeypatch.setattr(replay, "keep", lambda *_: None)
    monkeypatch.setattr(rules, "RULES", RULES)
    monkeypatch.setattr(report, "RULES", RULES)
    monkeypatch.setattr(Plugin, "_given", Flake8Options(()))
    monkeypatch.setattr(Plugin, "_found", ())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.surfacelint]\nextend-exclude = ["excluded.py"]\n', encoding="utf-8")
    for name in ("a.py", "b.py", "excluded.py"):
        (tmp_path / name).write_text(CODE, encoding="utf-8")
    return stub


def run(filename: str = "a.py", text: str = CODE) -> list[tuple[int, int, str]]:
    plugin = Plugin(ast.parse(text), text.splitlines(keepends=True), filename)
    return [(line, column, message) for line, column, message, kind in plugin.run() if kind is Plugin]


def options(**given: object) -> Namespace:
    names = (
        "select",
        "extend_select",
        "ignore",
        "extend_ignore",
        "surfacelint_config",
        "surfacelint_min_items",
        "surfacelint_min_calls_per_day",
        "surfacelint_check_tests",
    )
    return Namespace(**{**dict.fromkeys(names), **given})


FOUND = [(2, 4, "SRF101 ask runs once per item of xs")]


class TestFiles:
    def test_a_project_is_analysed_once(self, engine: Engine, tmp_path: Path) -> None:
        assert (run("a.py"), run("./b.py"), run(str(tmp_path / "b.py"))) == (FOUND, FOUND, FOUND)
        assert [paths for paths, *_ in engine.calls] == [[str(tmp_path / "a.py"), str(tmp_path / "b.py")]]

    def test_two_projects_are_two(self, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "setup.cfg").touch()
        (tmp_path / "other" / "surfacelint.toml").write_text("min-items = 3\n", encoding="utf-8")
        (tmp_path / "other" / "c.py").write_text(CODE, encoding="utf-8")
        assert (run("a.py"), run("other/c.py")) == (FOUND, FOUND)
        assert [(config.root, config.min_items) for _, config, *_ in engine.calls] == [(tmp_path, 100), (tmp_path / "other", 3)]

    def test_unsaved_code_is_analysed_as_it_is(self, engine: Engine, tmp_path: Path) -> None:
        text = f"{CODE}print()\n"
        assert run("a.py", text) == FOUND
        assert [(paths, stdin, name) for paths, _, stdin, name in engine.calls] == [(["-"], text, str(tmp_path / "a.py"))]

    def test_code_without_a_file(self, engine: Engine, tmp_path: Path) -> None:
        assert run("stdin") == FOUND
        assert [(paths, name) for paths, _, _, name in engine.calls] == [(["-"], str(tmp_path / "stdin.py"))]

    @pytest.mark.parametrize(
        "data", [b"\xef\xbb\xbf" + CODE.encode(), CODE.replace("\n", "\r\n").encode(), b"# coding: latin-1\n# \xe9\n" + CODE.encode()]
    )
    def test_the_bytes_of_a_saved_file_do_not_matter(self, engine: Engine, tmp_path: Path, data: bytes) -> None:
        (tmp_path / "a.py").write_bytes(data)
        run("a.py", data.decode("latin-1").removeprefix("ï»¿").replace("\r\n", "\n"))
        assert [stdin for _, _, stdin, _ in engine.calls] == [None]

    def test_a_file_that_git_ignores_is_asked_about_by_itself(self, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / ".gitignore").write_text("a.py\n", encoding="utf-8")
        subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
        assert run("a.py") == FOUND
        assert [Path(path).name for path in engine.calls[-1][0]] == ["a.py"]

    def test_an_excluded_file_is_not_asked_about(self, engine: Engine) -> None:
        assert (run("excluded.py"), engine.calls) == ([], [])


class TestSuppressions:
    @pytest.mark.parametrize(
        ("comment", "expected"), [("# noqa", FOUND), ("# noqa: SRF101", FOUND), ("#noqa", []), ("# surfacelint: ignore[SRF101]", [])]
    )
    def test_noqa_is_left_to_flake8(self, engine: Engine, tmp_path: Path, comment: str, expected: list[object]) -> None:
        engine.suppressed = True
        text = f"for x in xs:\n    ask(x)  {comment}\n"
        (tmp_path / "a.py").write_text(text, encoding="utf-8")
        assert run("a.py", text) == expected


class TestFailures:
    def test_a_crash_is_a_finding(self, engine: Engine) -> None:
        engine.failure = ValueError("two\nlines")
        assert run() == [(1, 0, "SRF901 not checked: ValueError: two lines")]

    def test_a_wrong_setting_is_a_finding(self, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "surfacelint.toml").write_text("min-item = 3\n", encoding="utf-8")
        assert run() == [(1, 0, "SRF901 wrong setting: surfacelint.toml:1: unknown key 'min-item'; did you mean 'min-items'?")]


class TestOptions:
    def config(self, engine: Engine, **given: object) -> Config:
        Plugin.parse_options(options(**given))
        run()
        return engine.calls[-1][1]

    def codes(self, config: Config) -> list[str]:
        return [rule.code for rule in rules.selected(RULES, config)]

    def test_none_given(self, engine: Engine) -> None:
        config = self.config(engine)
        assert config == Config(root=Path.cwd(), hierarchical=True, extend_exclude=("excluded.py",), force_exclude=True)
        assert config.source == Path("pyproject.toml").absolute()

    def test_mirrored(self, engine: Engine) -> None:
        config = self.config(engine, surfacelint_min_items=3, surfacelint_check_tests=True)
        assert (config.min_items, config.check_tests) == (3, True)

    def test_config(self, engine: Engine, tmp_path: Path) -> None:
        (tmp_path / "other.toml").write_text("min-items = 7\n", encoding="utf-8")
        assert self.config(engine, surfacelint_config=str(tmp_path / "other.toml")).min_items == 7

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({"select": ["E", "SRF"]}, ["SRF101", "SRF106", "SRF901"]),
            ({"extend_select": ["SRF106", "B9"]}, ["SRF101", "SRF106", "SRF901"]),
            ({"select": ["S"], "ignore": ["SRF101", "SRF777"]}, ["SRF106", "SRF901"]),
            ({"ignore": ["E", "W"]}, ["SRF101", "SRF901"]),
        ],
    )
    def test_selectors(self, engine: Engine, given: dict[str, object], expected: list[str]) -> None:
        assert self.codes(self.config(engine, **given)) == expected

    @pytest.mark.parametrize("given", [{"select": ["E", "F"]}, {"extend_ignore": ["SRF"]}])
    def test_nothing_is_analysed_if_nothing_is_selected(self, engine: Engine, given: dict[str, object]) -> None:
        Plugin.parse_options(options(**given))
        assert (run(), engine.calls) == ([], [])


def test_the_options_are_those_settings() -> None:
    mirrored = [setting for setting in settings().values() if setting.in_flake8]
    assert [(setting.key, setting.shape, setting.help) for setting in mirrored] == list(MIRRORED)


SOURCE = """\
from openai import OpenAI

client = OpenAI()


def run(reviews):
    for review in reviews:
        client.responses.create(model="gpt-5-mini", input=review){comment}
"""
NOQA_HEAD = """\
from openai import OpenAI


def ask(text):
    return OpenAI().responses.create(model="m", input=text)


for x in open("texts"):"""
NOQA_COMMENTS = {
    "# noqa": True,
    "#noqa": True,
    "#  NoQA": True,
    "#noqa: SRF101": True,
    "#noqa:E501,SRF1 -- why": True,
    "#noqa: E501": False,
    "#noqa: E501  # noqa: SRF101": True,
    "#noqa: SRF101  # noqa: E501": True,
    "# noqa: SRF": True,
    "# noqa SRF102": True,
    "# noqa : SRF102": True,
    "# noqa: SRF102": False,
    "# noqa: srf101": False,
    "# noqa: SRF101E501": False,
    "# noqa: E501SRF101": False,
    "# noqa: SRF101E501, SRF101": True,
    "# noqa:  SRF102": True,
    "# xnoqa": False,
}
"""Comments after a call that SRF101 reports, and whether they suppress that."""
CALLER = """\
from wording import ask


def run(reviews):
    for review in reviews:
        ask(review)
"""
HELPER = """\
from openai import OpenAI

client = OpenAI()


def ask(text):
    return client.responses.create(model="gpt-5-mini", input=text)
"""


@pytest.mark.skipif(not doors.FLAKE8_KNOWS_US, reason="flake8 finds plugins by the metadata of the installed package")
class TestFlake8:
    """What comes out of flake8 in the end."""

    @pytest.fixture(autouse=True)
    def project(self, tmp_path: Path) -> Path:
        (tmp_path / "pyproject.toml").touch()
        (tmp_path / "job.py").write_text(SOURCE.format(comment=""), encoding="utf-8")
        return tmp_path

    def test_finding(self, project: Path) -> None:
        assert doors.flake8(project) == ["job.py:8:9 SRF101"]

    def test_a_syntax_error_is_that_of_flake8(self, project: Path) -> None:
        (project / "job.py").write_text("def f(:\n", encoding="utf-8")
        assert doors.flake8(project, "--select=SRF") == []
        assert [line.partition(" ")[2] for line in doors.flake8(project, "--select=SRF,E9")] == ["E999"]

    def test_version_line(self) -> None:
        done = subprocess.run([sys.executable, "-m", "flake8", "--version"], capture_output=True, encoding="utf-8", check=True)
        assert f"surfacelint: {surfacelint.__version__}" in " ".join(done.stdout.split())

    def test_other_files_of_the_project_are_read(self, project: Path) -> None:
        (project / "caller.py").write_text(CALLER, encoding="utf-8")
        (project / "wording.py").write_text(HELPER, encoding="utf-8")
        assert doors.flake8(project, "caller.py") == ["caller.py:6:9 SRF101"]

    def test_the_command_line_agrees(self, project: Path) -> None:
        (project / "caller.py").write_text(CALLER, encoding="utf-8")
        (project / "wording.py").write_text(HELPER, encoding="utf-8")
        done = doors.surfacelint(project, "check", "--output-format", "concise")
        assert doors.places(done.stdout) == doors.flake8(project)

    @pytest.mark.parametrize(
        ("comment", "arguments", "found"),
        [
            ("  # noqa: SRF101", (), False),
            ("  # noqa", (), False),
            ("  # noqa: E501", (), True),
            ("  # noqa: SRF101", ("--disable-noqa",), True),
            ("  # surfacelint: ignore[SRF101] -- few", (), False),
            ("  # surfacelint: ignore[SRF101] -- few", ("--disable-noqa",), False),
        ],
    )
    def test_suppressions(self, project: Path, comment: str, arguments: tuple[str, ...], found: bool) -> None:
        (project / "job.py").write_text(SOURCE.format(comment=comment), encoding="utf-8")
        assert ("job.py:8:9 SRF101" in doors.flake8(project, "--max-line-length=200", *arguments)) is found

    def test_both_front_ends_take_noqa_comments_for_the_same(self, project: Path) -> None:
        (project / "job.py").write_text("\n".join([NOQA_HEAD, *(f"    ask(x)  {each}" for each in NOQA_COMMENTS), ""]), encoding="utf-8")
        found = doors.places(doors.surfacelint(project, "check", "--output-format", "concise", "--select=SRF101").stdout)
        head = NOQA_HEAD.count("\n") + 1
        assert found == [f"job.py:{head + row}:5 SRF101" for row, each in enumerate(NOQA_COMMENTS, start=1) if not NOQA_COMMENTS[each]]
        assert doors.flake8(project, "--select=SRF101") == found
        assert len(doors.flake8(project, "--select=SRF101", "--disable-noqa")) == len(NOQA_COMMENTS)

    def test_flake8_looks_for_noqa_on_the_first_line_only(self, project: Path) -> None:
        text = SOURCE.format(comment="").replace("input=review)", "\n            input=review,\n        )  # noqa: SRF101")
        (project / "job.py").write_text(text.replace(", \n", ",\n"), encoding="utf-8")
        assert doors.flake8(project, "--select=SRF") == ["job.py:8:9 SRF101"]

    def test_what_was_said_is_said_again(self, project: Path) -> None:
        time.sleep(FRESH / 1e9 + 0.1)  # what is newer is not trusted
        assert self.imported(project) == (["job.py:8:9 SRF101"], True)
        assert self.imported(project) == (["job.py:8:9 SRF101"], False)
        assert self.imported(project, "--ignore=SRF101") == ([], True)
        (project / "caller.py").write_text(CALLER, encoding="utf-8")
        (project / "wording.py").write_text(HELPER, encoding="utf-8")
        assert self.imported(project) == (["caller.py:6:9 SRF101", "job.py:8:9 SRF101"], True)
        (project / "job.py").write_text(SOURCE.format(comment="  # surfacelint: ignore[SRF101] -- few"), encoding="utf-8")
        assert self.imported(project) == (["caller.py:6:9 SRF101"], True)

    def imported(self, project: Path, *arguments: str) -> tuple[list[str], bool]:
        """Return what flake8 reports, and whether it took a look at the code for that."""
        form = "--format=%(path)s:%(row)d:%(col)d %(code)s"
        command = [sys.executable, "-X", "importtime", "-m", "flake8", "--isolated", "-j1", "--select=SRF", form, *arguments]
        done = subprocess.run(command, cwd=project, capture_output=True, encoding="utf-8", check=False)
        lines = [Path(line).as_posix() for line in done.stdout.splitlines()]
        return lines, "surfacelint.flake8.report" in done.stderr

    def test_stdin(self, project: Path) -> None:
        text = f"import os\n{SOURCE.format(comment='')}"
        assert doors.flake8(project, "--stdin-display-name=job.py", "-", text=text) == ["job.py:1:1 F401", "job.py:9:9 SRF101"]
        assert doors.flake8(project, "--select=SRF", "-", text=text) == ["stdin:9:9 SRF101"]

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (("--select=E,F",), []),
            (("--ignore=SRF",), []),
            (("--extend-ignore=S",), []),
            (("--select=SRF1",), ["job.py:8:9 SRF101"]),
            (("--per-file-ignores=job.py:SRF101",), []),
        ],
    )
    def test_selection(self, project: Path, arguments: tuple[str, ...], expected: list[str]) -> None:
        assert doors.flake8(project, *arguments) == expected

    def test_options_in_its_configuration(self, project: Path) -> None:
        bounded = SOURCE.format(comment="").replace("in reviews:", "in reviews[:50]:")
        (project / "job.py").write_text(bounded, encoding="utf-8")
        assert doors.flake8(project) == []
        (project / "setup.cfg").write_text("[flake8]\nsurfacelint-min-items = 20\n", encoding="utf-8")
        assert doors.flake8(project) == ["job.py:8:9 SRF101"]
        assert doors.flake8(project, "--surfacelint-min-items=51") == []

    def test_settings_of_pyproject(self, project: Path) -> None:
        (project / "pyproject.toml").write_text('[tool.surfacelint]\nignore = ["SRF101"]\n', encoding="utf-8")
        assert doors.flake8(project) == []
        assert doors.flake8(project, "--extend-select=SRF101") == ["job.py:8:9 SRF101"]

    def test_settings_of_folders_further_down(self, project: Path) -> None:
        for name, written in (("off", 'ignore = ["SRF101"]'), ("on", 'extend-select = ["SRF106"]'), ("tests", "check-tests = true")):
            (project / name).mkdir()
            (project / name / "pyproject.toml").write_text(f"[tool.surfacelint]\n{written}\n", encoding="utf-8")
            (project / name / "job.py").write_text(SOURCE.format(comment=""), encoding="utf-8")
        found = ["job.py:8:9 SRF101", "on/job.py:8:9 SRF101", "tests/job.py:8:9 SRF101"]
        assert doors.flake8(project) == found
        assert doors.places(doors.surfacelint(project, "check", "--output-format", "concise").stdout) == found
        assert doors.flake8(project, "--ignore=SRF101") == []

    def test_a_wrong_setting_is_reported_for_each_file(self, project: Path) -> None:
        (project / "pyproject.toml").write_text("[tool.surfacelint]\nmin-item = 3\n", encoding="utf-8")
        assert doors.flake8(project) == ["job.py:1:1 SRF901"]

    @pytest.mark.parametrize(
        ("arguments", "settings", "said"),
        [
            (("--surfacelint-config=gone.toml",), "", "flake8's option --surfacelint-config: gone.toml: cannot be read: "),
            ((), "surfacelint-config = wrong.toml", "flake8's option --surfacelint-config: wrong.toml:1: unknown key 'min-item'; "),
        ],
    )
    def test_a_wrong_option_is_named_as_in_flake8(self, project: Path, arguments: tuple[str, ...], settings: str, said: str) -> None:
        (project / "wrong.toml").write_text("min-item = 3\n", encoding="utf-8")
        (project / "setup.cfg").write_text(f"[flake8]\n{settings}\n", encoding="utf-8")
        assert self.printed(project, *arguments).startswith(f"job.py:1:1: SRF901 wrong setting: {said}")

    @pytest.mark.parametrize(("arguments", "settings"), [(("--surfacelint-min-items=-4",), ""), ((), "surfacelint-min-items = -4")])
    def test_a_wrong_number_ends_flake8(self, project: Path, arguments: tuple[str, ...], settings: str) -> None:
        (project / "setup.cfg").write_text(f"[flake8]\n{settings}\n", encoding="utf-8")
        said = "flake8: error: argument --surfacelint-min-items: must be an integer of 0 or more, not '-4'"
        assert said in self.printed(project, *arguments)

    def test_a_wrong_cache_folder_is_told_without_options_of_the_command_line(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(replay.VARIABLE, os.fspath(project))
        said = self.printed(project)
        assert said.startswith("job.py:1:1: SRF901 wrong setting: SURFACELINT_CACHE_DIR: the cache folder ")
        assert said.endswith("; set `cache-dir` to an empty or new folder, or `cache` to false\n")

    def printed(self, project: Path, *arguments: str) -> str:
        command = [sys.executable, "-m", "flake8", "-j1", *arguments, "job.py"]
        done = subprocess.run(command, cwd=project, capture_output=True, encoding="utf-8", check=False)
        return done.stdout or done.stderr

    def test_syntax_errors_are_reported_by_flake8(self, project: Path) -> None:
        (project / "job.py").write_text("def run(:\n", encoding="utf-8")
        assert [line.split()[-1] for line in doors.flake8(project, "--select=E9,SRF")] == ["E999"]
