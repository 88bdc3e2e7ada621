"""Settings through the front door: nearest file, `extend`, severity, selectors, globs, and what is said about mistakes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import doors
import pytest

JOB = """\
from openai import OpenAI

client = OpenAI()


def run(reviews):
    for review in reviews[:{most}]:
        client.responses.create(model="gpt-5-mini", input=review)
"""


def write(root: Path, **files: str) -> Path:
    """Write files of a project: `a__b_toml` is `a/b.toml`."""
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_toml", ".toml").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def check(root: Path, *arguments: str) -> tuple[int, list[str], str]:
    """Return the exit code, `path:row:column CODE` of each finding, and stderr."""
    done = doors.surfacelint(root, "check", "--output-format", "concise", *arguments)
    return done.returncode, doors.places(done.stdout), done.stderr


FOUND = "job.py:8:9 SRF101"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write(tmp_path, pyproject_toml="[tool.surfacelint]\n", job_py=JOB.format(most=200))


class TestNearest:
    def test_each_file_has_the_settings_of_its_folder(self, project: Path) -> None:
        write(project, shop__pyproject_toml='[tool.surfacelint]\nignore = ["SRF101"]\n', shop__deep__job_py=JOB.format(most=200))
        write(project, few__surfacelint_toml="min-items = 3\n", few__job_py=JOB.format(most=9), other__job_py=JOB.format(most=9))
        assert check(project) == (1, ["few/job.py:8:9 SRF101", FOUND], "")

    def test_a_pyproject_of_somebody_else_says_nothing(self, project: Path) -> None:
        write(project, pyproject_toml='[tool.surfacelint]\nignore = ["SRF101"]\n', shop__pyproject_toml="[tool.ruff]\n")
        assert check(write(project, shop__job_py=JOB.format(most=200)))[1] == []

    def test_options_win_everywhere(self, project: Path) -> None:
        write(project, shop__surfacelint_toml="min-items = 300\n", shop__job_py=JOB.format(most=200))
        assert check(project)[1] == [FOUND]
        assert check(project, "--min-items", "100")[1] == [FOUND, "shop/job.py:8:9 SRF101"]
        assert check(project, "--config", "min-items = 300")[1] == []

    def test_one_file_for_all(self, project: Path) -> None:
        write(project, shop__surfacelint_toml='ignore = ["SRF101"]\n', shop__job_py=JOB.format(most=200), one_toml="min-items = 150\n")
        assert check(project, "--config", "one.toml")[1] == [FOUND, "shop/job.py:8:9 SRF101"]
        assert check(project, "--isolated")[1] == [FOUND, "shop/job.py:8:9 SRF101"]

    def test_excludes_of_a_folder(self, project: Path) -> None:
        write(
            project,
            shop__surfacelint_toml='exclude = ["old/*"]\n',
            shop__old__job_py=JOB.format(most=200),
            old__job_py=JOB.format(most=200),
        )
        assert check(project)[1] == [FOUND, "old/job.py:8:9 SRF101"]
        assert check(project, "shop/old/job.py")[1] == ["shop/old/job.py:8:9 SRF101"]
        code, found, said = check(project, "shop")
        assert (code, found) == (2, [])
        assert said.startswith("error: no Python files under shop")

    def test_calls_are_followed_from_one_folder_into_another(self, project: Path) -> None:
        caller = "from shop.wording import ask\n\n\ndef run(reviews):\n    for review in reviews:\n        ask(review)\n"
        helper = "import openai\n\n\ndef ask(text):\n    return openai.responses.create(input=text)\n"
        write(project, shop__surfacelint_toml='ignore = ["SRF1"]\n', shop__wording_py=helper, caller_py=caller)
        assert check(project)[1] == ["caller.py:6:9 SRF101", FOUND]


WORDING = "import openai\n\n\ndef ask(text):\n    return openai.responses.create(input=text)\n"
CALLER = "from wording import ask\n\n\ndef run(reviews):\n    for review in reviews:\n        ask(review)\n"


@pytest.fixture
def monorepo(tmp_path: Path) -> Path:
    """Return a repository of two packages with settings of their own, of which one calls the other."""
    (tmp_path / ".git").mkdir()
    settings = {"pyproject_toml": "[tool.surfacelint]\nmin-items = 300\n", "lib__pyproject_toml": "[tool.surfacelint]\n"}
    shop = {"shop__pyproject_toml": "[tool.surfacelint]\nmin-items = 150\n", "shop__job_py": JOB.format(most=200)}
    return write(tmp_path, **settings, **shop, lib__wording_py=WORDING, shop__caller_py=CALLER, lib__job_py=JOB.format(most=99))


class TestMonorepo:
    """The project is the repository, whichever of its packages is asked about from where."""

    EXPECTED = ("shop/caller.py:6:9 SRF101", "shop/job.py:8:9 SRF101")

    @pytest.mark.parametrize(
        "asked", [(), ("shop",), ("shop", "lib"), ("shop/caller.py", "shop/job.py"), ("shop/job.py", "shop/caller.py")]
    )
    def test_the_same_is_found_whatever_is_asked_about(self, monorepo: Path, asked: tuple[str, ...]) -> None:
        assert check(monorepo, *asked) == (1, list(self.EXPECTED), "")

    def test_the_same_is_found_in_an_editor(self, monorepo: Path) -> None:
        command = ("check", "--output-format", "concise", "--stdin-filename", "caller.py", "-")
        assert doors.places(doors.surfacelint(monorepo / "shop", *command, text=CALLER).stdout) == ["caller.py:6:9 SRF101"]

    def test_the_same_is_found_from_within(self, monorepo: Path) -> None:
        assert check(monorepo / "shop") == (1, [each.removeprefix("shop/") for each in self.EXPECTED], "")

    @pytest.mark.skipif(not doors.FLAKE8_KNOWS_US, reason="flake8 finds plugins by the metadata of the installed package")
    def test_flake8_agrees(self, monorepo: Path) -> None:
        assert doors.flake8(monorepo, "--select=SRF") == list(self.EXPECTED)
        assert doors.flake8(monorepo / "shop", "--select=SRF", "caller.py") == ["caller.py:6:9 SRF101"]

    def test_without_a_repository_the_project_is_the_nearest_one(self, monorepo: Path) -> None:
        (monorepo / ".git").rmdir()
        assert check(monorepo, "shop")[1] == ["shop/job.py:8:9 SRF101"]

    def test_what_surrounds_has_its_own_excludes(self, monorepo: Path) -> None:
        write(monorepo, pyproject_toml='[tool.surfacelint]\nexclude = ["lib"]\n')
        assert check(monorepo, "shop")[1] == ["shop/job.py:8:9 SRF101"]
        write(monorepo, pyproject_toml="", shop__pyproject_toml='[tool.surfacelint]\nexclude = ["wording.py"]\n')
        assert check(monorepo, "shop")[1] == list(self.EXPECTED)

    def test_the_settings_of_the_run_are_those_nearest_to_what_is_asked_about(self, monorepo: Path) -> None:
        write(monorepo, shop__pyproject_toml='[tool.surfacelint]\noutput-format = "json-lines"\ncache-dir = "kept"\n')
        done = doors.surfacelint(monorepo, "check", "shop")
        assert done.stdout.startswith('{"cell": null, "code": "SRF101"')
        assert (monorepo / "shop" / "kept").is_dir()

    def test_a_package_cannot_speak_for_a_run_over_others(self, monorepo: Path) -> None:
        write(monorepo, shop__pyproject_toml='[tool.surfacelint]\nfail-on = "error"\nextend-include = ["*.x"]\noutput-format = "concise"\n')
        others = "it applies to a whole run, and this run takes it from pyproject.toml"
        code, found, said = check(monorepo)
        assert (code, found) == (1, list(self.EXPECTED))
        assert said.splitlines() == [
            f"warning: shop/pyproject.toml:2: 'fail-on' has no effect here: {others}",
            f"warning: shop/pyproject.toml:3: 'extend-include' has no effect here: {others}",
        ]
        assert check(monorepo, "--fail-on", "warning", "--extend-include", "*.x")[::2] == (1, "")
        assert check(monorepo, "lib")[2] == ""
        assert check(monorepo, "shop") == (0, list(self.EXPECTED), "")

    def test_excludes_from_further_up_say_nothing(self, monorepo: Path) -> None:
        write(monorepo, pyproject_toml='[tool.surfacelint]\nexclude = ["gen", "shop/old", "lib"]\n')
        write(
            monorepo, shop__gen__job_py=JOB.format(most=200), shop__old__job_py=JOB.format(most=200), lib__gen__job_py=JOB.format(most=200)
        )
        found = ["shop/gen/job.py:8:9 SRF101", "shop/job.py:8:9 SRF101", "shop/old/job.py:8:9 SRF101"]
        assert check(monorepo)[1] == check(monorepo, "shop")[1] == found
        assert check(monorepo, "--extend-exclude", "gen")[1] == found[1:]
        assert check(monorepo, "--force-exclude", "lib/job.py", "shop/gen/job.py")[1] == found[:1]
        if doors.FLAKE8_KNOWS_US:
            assert doors.flake8(monorepo, "--select=SRF") == found

    def test_a_baseline_lies_beside_the_settings(self, monorepo: Path) -> None:
        done = doors.surfacelint(monorepo / "shop", "baseline", "create")
        assert done.stdout == "Wrote 2 findings to surfacelint-baseline.json.\n"
        assert (monorepo / "shop" / "surfacelint-baseline.json").is_file()

    def test_one_baseline_holds_for_all_that_extend_it(self, monorepo: Path) -> None:
        write(monorepo, pyproject_toml='[tool.surfacelint]\nbaseline = "known.json"\n')
        write(monorepo, shop__pyproject_toml='[tool.surfacelint]\nextend = "../pyproject.toml"\nmin-items = 150\n')
        assert doors.surfacelint(monorepo, "baseline", "create").stdout == "Wrote 2 findings to known.json.\n"
        assert check(monorepo) == check(monorepo, "shop") == check(monorepo / "shop", "caller.py") == (0, [], "")

    def test_a_repository_in_the_home_directory_is_for_settings(self, monorepo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(monorepo))
        monkeypatch.setenv("USERPROFILE", str(monorepo))
        assert check(monorepo, "shop")[1] == ["shop/job.py:8:9 SRF101"]

    @pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
    def test_what_git_ignores_is_no_part_of_it(self, monorepo: Path) -> None:
        (monorepo / ".git").rmdir()
        subprocess.run(("git", "init", "--quiet"), cwd=monorepo, check=True)
        assert check(monorepo, "shop")[1] == list(self.EXPECTED)
        (monorepo / ".gitignore").write_text("shop/\n", encoding="utf-8")
        assert check(monorepo, "shop")[1] == ["shop/job.py:8:9 SRF101"]

    def test_a_program_with_settings_of_its_own_is_no_test(self, monorepo: Path) -> None:
        write(monorepo, tests__job_py=JOB.format(most=400), tests__app__job_py=JOB.format(most=400))
        assert check(monorepo, "tests")[1] == []
        write(monorepo, tests__app__surfacelint_toml="")
        assert check(monorepo, "tests")[1] == check(monorepo, "tests/app")[1] == ["tests/app/job.py:8:9 SRF101"]


class TestExtend:
    def test_what_is_extended_holds_where_nothing_else_is_said(self, project: Path) -> None:
        write(
            project, base_toml='min-items = 300\nignore = ["SRF101"]\n', shop__surfacelint_toml='extend = "../base.toml"\nmin-items = 9\n'
        )
        write(project, shop__job_py=JOB.format(most=9))
        assert check(project, "shop") == (0, [], "")
        assert check(project, "shop", "--extend-select", "SRF101")[1] == ["shop/job.py:8:9 SRF101"]

    def test_patterns_are_relative_to_their_own_file(self, project: Path) -> None:
        write(project, base_toml='exclude = ["shop/old/*"]\n')
        write(project, shop__surfacelint_toml='extend = "../base.toml"\nextend-exclude = ["gen/*"]\n')
        write(project, **{f"shop__{name}__job_py": JOB.format(most=200) for name in ("old", "gen", "x__gen", "new")})
        assert check(project, "shop")[1] == ["shop/new/job.py:8:9 SRF101", "shop/x/gen/job.py:8:9 SRF101"]

    @pytest.mark.parametrize(
        ("files", "message"),
        [
            ({"surfacelint_toml": 'extend = "a.toml"\n', "a_toml": 'extend = "surfacelint.toml"\n'}, "surfacelint.toml: extends itself: "),
            (
                {"surfacelint_toml": 'extend = "nope.toml"\n'},
                "surfacelint.toml:1: extends nope.toml, which is not a file; the path",
            ),
            ({"surfacelint_toml": "extend = 1\n"}, "surfacelint.toml:1: 'extend' must be the path of a file"),
            ({"surfacelint_toml": 'extend = "a.toml"\n', "a_toml": "\nmin-item = 3\n"}, "a.toml:2: unknown key 'min-item'; did you mean"),
        ],
    )
    def test_mistakes(self, project: Path, files: dict[str, str], message: str) -> None:
        code, found, said = check(write(project, **files))
        assert (code, found) == (2, [])
        assert said.startswith(f"error: {message}")
        assert said.count("\n") == 1


class TestSeverity:
    def test_the_most_specific_code_decides(self, project: Path) -> None:
        write(project, pyproject_toml='[tool.surfacelint]\nseverity = { SRF = "error", SRF101 = "info" }\n')
        assert ":: error" not in doors.surfacelint(project, "check", "--output-format", "github").stdout
        assert "::notice " in doors.surfacelint(project, "check", "--output-format", "github").stdout
        assert "::error " in doors.surfacelint(project, "check", "--output-format", "github", "--severity", "SRF1:error").stdout

    @pytest.mark.parametrize(("severity", "fail_on", "code"), [("warning", "warning", 1), ("info", "warning", 0), ("error", "error", 1)])
    def test_fail_on(self, project: Path, severity: str, fail_on: str, code: int) -> None:
        assert check(project, "--severity", f"ALL:{severity}", "--fail-on", fail_on)[:2] == (code, [FOUND])

    def test_what_could_not_be_checked_fails_all_the_same(self, project: Path) -> None:
        write(project, broken_py="def f(:\n")
        assert check(project, "--severity", "ALL:info", "--fail-on", "error")[0] == 2

    def test_a_file_may_have_its_own(self, project: Path) -> None:
        write(project, shop__surfacelint_toml='severity = { SRF101 = "error" }\n', shop__job_py=JOB.format(most=200))
        assert check(project, "--fail-on", "error")[0] == 1
        assert check(project, "job.py", "--fail-on", "error")[0] == 0


class TestMistakes:
    @pytest.mark.parametrize(
        ("text", "code", "message"),
        [
            (
                'select = [\n  "SRF102",  # not SFR101\n  "SFR101",\n]\n',
                2,
                "error: shop/surfacelint.toml:3: unknown rule 'SFR101' is selected; did you mean",
            ),
            ('\nignore = ["SFR101"]\n', 1, "warning: shop/surfacelint.toml:2: unknown rule 'SFR101' is ignored; did you mean 'SRF101'?"),
            ('[severity]\nSRF111 = "info"\n', 1, "warning: shop/surfacelint.toml:2: unknown rule 'SRF111' is ignored; did you mean"),
            ('[per-file-ignores]\n"*.py" = ["SFR1"]\n', 1, "warning: shop/surfacelint.toml:2: '*.py': unknown rule 'SFR1' is ignored;"),
            (
                'select = ["serial-awaits"]\n',
                2,
                "error: shop/surfacelint.toml:1: unknown rule 'serial-awaits' is selected; did you mean 'SRF302'?",
            ),
            ('extend-ignore = ["SRF5", "SFR"]\n', 1, "warning: shop/surfacelint.toml:1: unknown rule 'SFR' is ignored;"),
            (
                '[workloads."job:run"]\none-off = false\n[workloads."job:runs"]\none-off = true\n',
                1,
                "warning: shop/surfacelint.toml:3: there is no function 'runs' in job; did you mean 'run'?",
            ),
            ("\nmin-item = 3\n", 2, "error: shop/surfacelint.toml:2: unknown key 'min-item'; did you mean 'min-items'?"),
        ],
    )
    def test_in_a_folder(self, project: Path, text: str, code: int, message: str) -> None:
        write(project, shop__surfacelint_toml=text, shop__job_py=JOB.format(most=200))
        exit_code, _, said = check(project)
        assert (exit_code, said.replace("\\", "/").startswith(message), said.count("\n")) == (code, True, 1)

    @pytest.mark.parametrize(
        ("name", "table", "message"),
        [
            (
                "surfacelint.toml",
                "tool.surfacelint",
                "surfacelint.toml:2: settings in this file have no table header: remove [tool.surfacelint]",
            ),
            ("pyproject.toml", "surfacelint", "pyproject.toml:2: unknown table [surfacelint]; did you mean [tool.surfacelint]?"),
        ],
    )
    def test_the_wrong_table(self, project: Path, name: str, table: str, message: str) -> None:
        (project / name).write_text(f"\n[{table}]\nmin-items = 3\n", encoding="utf-8")
        assert check(project) == (2, [], f"error: {message}\n")

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (("--config", "min-item=3"), "--config 'min-item=3': unknown key 'min-item'; did you mean 'min-items'?"),
            (("--config", "min-items=x"), "--config 'min-items=x': not valid TOML: "),
            (
                ("--config", "a.toml", "--config", "b.toml"),
                "--config names two files, a.toml and b.toml: use `extend` in one of them instead",
            ),
            (("--config", "a.toml", "--isolated"), "--isolated ignores all configuration files, but --config names a.toml"),
            (("--severity", "SRF1"), "--severity takes CODE:SEVERITY, as in SRF101:error, not 'SRF1'"),
            (("--severity", "SRF1:grave"), "command line: 'severity' must be a table of info, warning, error by rule code"),
            (("--fail-on", "grave"), "Invalid value for '--fail-on': 'grave' is not one of"),
        ],
    )
    def test_on_the_command_line(self, project: Path, arguments: tuple[str, ...], message: str) -> None:
        code, found, said = check(project, *arguments)
        assert (code, found, said.startswith(f"error: {message}"), said.count("\n")) == (2, [], True, 1)

    def test_unknown_ignored_codes_are_warnings(self, project: Path) -> None:
        warning = "warning: command line: unknown rule 'SFR901' is ignored; did you mean 'SRF901'?\n"
        assert check(project, "--ignore", "SFR901") == (1, [FOUND], warning)
        assert check(project, "--ignore", "SFR901", "--quiet") == (1, [FOUND], "")


class TestFiles:
    def test_test_code_is_said_to_be_left_out(self, project: Path) -> None:
        write(project, tests__job_py=JOB.format(most=200), tests__words_py="x = 1\n")
        assert (
            doors.surfacelint(project, "check", "tests").stdout
            == "All clear: 1 file checked, 1 test file skipped. 1 LLM request seen, 0 workloads judged.\n"
        )
        assert "\nFound 1 finding (2 files checked).\n" in doors.surfacelint(project, "check", "tests", "--check-tests").stdout

    def test_standard_input_can_be_excluded_as_a_hook_does_it(self, project: Path) -> None:
        write(project, pyproject_toml='[tool.surfacelint]\nexclude = ["gen"]\n')
        command = ("check", "--output-format", "concise", "--stdin-filename", "gen/job.py", "-")
        text = JOB.format(most=200)
        assert doors.places(doors.surfacelint(project, *command, text=text).stdout) == ["gen/job.py:8:9 SRF101"]
        done = doors.surfacelint(project, *command, "--force-exclude", text=text)
        assert (done.returncode, done.stdout) == (0, "")

    def test_globs(self, project: Path) -> None:
        folders = ("gen", "a__gen", "a__genes", "a__b__gen__deep")
        write(project, **{f"{folder}__job_py": JOB.format(most=200) for folder in folders})
        kept = {"gen": "a/genes", "a/gen": "a/b/gen/deep a/genes gen", "**/gen": "a/genes", "a/*/gen": "a/gen a/genes gen", "gen*": ""}
        for pattern, left in kept.items():
            expected = [f"{folder}/job.py:8:9 SRF101" for folder in left.split()]
            assert check(project, "--exclude", pattern)[1] == sorted((FOUND, *expected)), pattern

    def test_include(self, project: Path) -> None:
        (project / "tool").write_text(JOB.format(most=200), encoding="utf-8")
        write(project, sub__job_py=JOB.format(most=200))
        assert check(project, "--extend-include", "tool")[1] == [FOUND, "sub/job.py:8:9 SRF101", "tool:8:9 SRF101"]
        assert check(project, "--include", "sub/*.py")[1] == ["sub/job.py:8:9 SRF101"]
        assert check(project, "--include", "sub/*.py", "job.py")[1] == [FOUND]

    def test_patterns_of_the_command_line_are_relative_to_where_it_is_given(self, project: Path) -> None:
        write(project, sub__gen__job_py=JOB.format(most=200), sub__job_py=JOB.format(most=200))
        done = doors.surfacelint(project / "sub", "check", "--exclude", "gen/*", "--output-format", "concise", "..")
        assert doors.places(done.stdout) == [f"{project.as_posix()}/job.py:8:9 SRF101", FOUND]
        done = doors.surfacelint(project / "sub", "check", "--per-file-ignores", "./job.py:SRF101", "--output-format", "concise", "..")
        assert doors.places(done.stdout) == [f"{project.as_posix()}/job.py:8:9 SRF101", "gen/job.py:8:9 SRF101"]
