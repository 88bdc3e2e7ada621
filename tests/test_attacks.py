"""What a hostile project tries: names of files that are options, patterns or heads of diffs, links, and settings that never end."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import doors
import pytest
import yaml
from test_formats import FINDING, report

from surfacelint.config import Config, ConfigError
from surfacelint.facts.expressions import Position, Span
from surfacelint.model.findings import Applicability, Edit, Fix
from surfacelint.pipeline import revisions
from surfacelint.project.brace_patterns import LONGEST, MOST, alternatives, are_too_many, literal
from surfacelint.reading.file_decoding import LARGEST_NOTEBOOK
from surfacelint.reporters import FORMATS
from surfacelint.system import git

JOB = """\
from openai import OpenAI

client = OpenAI()


def label(rows):
    for row in rows:
        client.responses.create(model="gpt-5", input=row)
"""
UNUSED = "x = 1  # noqa: SRF101\n"

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "setup.py").touch()
    (root / "job.py").write_text(JOB, encoding="utf-8")
    return root


class TestPatterns:
    """A few braces stand for millions of patterns."""

    BOMB = "{a,b}" * 24

    @pytest.mark.parametrize(
        "text",
        [
            f'exclude = ["{BOMB}"]',
            f'extend-exclude = ["{"{" * 5_000}a{"}" * 5_000}"]',
            f'include = ["{BOMB}.py"]',
            f'per-file-ignores = {{ "{BOMB}" = ["SRF101"] }}',
            f"exclude = {['{a,b}{c,d}{e,f}'] * (MOST // 8 + 1)}",
        ],
    )
    def test_of_settings(self, text: str, project: Path) -> None:
        (project / "surfacelint.toml").write_text(f"{text}\n", encoding="utf-8")
        done = doors.surfacelint(project, "check", "--no-cache", seconds=20)
        assert done.returncode == 2
        assert "must be patterns that stand for at most 10,000" in done.stderr

    def test_of_the_catalogue(self, project: Path) -> None:
        text = f'[catalogue]\nendpoints = [{{ path = "x{self.BOMB}.y()", surface = "realtime" }}]\n'
        (project / "surfacelint.toml").write_text(text, encoding="utf-8")
        done = doors.surfacelint(project, "check", "--no-cache", seconds=20)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1

    def test_of_the_name_of_a_folder(self, project: Path) -> None:
        folder = project / "{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"
        (folder / "made").mkdir(parents=True)
        (folder / "surfacelint.toml").write_text('exclude = ["made/*"]\n', encoding="utf-8")
        for place in (folder, folder / "made"):
            (place / "job.py").write_text(JOB, encoding="utf-8")
        done = doors.surfacelint(project, "check", "--no-cache", "--output-format=concise", seconds=20)
        assert doors.places(done.stdout) == ["job.py:8:9 SRF101", f"{folder.name}/job.py:8:9 SRF101"]

    def test_are_counted_before_they_are_spelled_out(self) -> None:
        assert not are_too_many(["{a,b}" * 13, "plain"])
        assert are_too_many(["{a,b}" * 14])
        assert are_too_many(["{" * (LONGEST + 1)])
        assert alternatives("{a,b}" * 14) == ("{a,b}" * 14,)

    def test_literal_names(self) -> None:
        assert literal("a/b.py") == "a/b.py"
        assert alternatives(literal("{a,b}[c].py")) == ("[{]a,b}[[]c].py",)


class TestRevisions:
    """What `--diff-base` reads is chosen by the project."""

    @pytest.fixture
    def committed(self, project: Path) -> Path:
        (project / "was.py").write_text("x = 1\n", encoding="utf-8")
        doors.Sandbox(project.parent).commit(project)
        (project / "was.py").unlink()
        return project

    def check(self, project: Path) -> subprocess.CompletedProcess[str]:
        return doors.surfacelint(project, "check", "--no-cache", "--diff-base=HEAD", "--output-format=concise", "job.py", seconds=20)

    @posix
    @pytest.mark.parametrize("target", ["/dev/zero", ""])
    def test_of_a_file_that_never_ends(self, target: str, committed: Path) -> None:
        """A link to a device, or a pipe that nothing is written to, where the commit has a file."""
        if target:
            (committed / "was.py").symlink_to(target)
        else:
            os.mkfifo(committed / "was.py")  # type: ignore[attr-defined,unused-ignore]
        done = self.check(committed)
        assert (done.returncode, done.stderr) == (0, "")

    @pytest.mark.parametrize("encoding", ["punycode", "undefined", "hex", "nonsense"])
    def test_of_an_encoding_that_fails(self, encoding: str, project: Path) -> None:
        (project / "was.py").write_text(f"# coding: {encoding}\nimport openai\n", encoding="utf-8")
        doors.Sandbox(project.parent).commit(project)
        (project / "was.py").write_text("x = 1\n", encoding="utf-8")
        assert self.check(project).returncode == 0

    def test_of_contents_that_git_has_compressed(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[str] = []
        reading = git.contents

        def noting(top: str, names: Sequence[str]) -> dict[str, bytes] | None:
            asked.extend(names)
            return reading(top, names)

        monkeypatch.setattr(git, "contents", noting)
        (project / "large.py").write_bytes(b"\0" * (LARGEST_NOTEBOOK + 1))
        doors.Sandbox(project.parent).commit(project)
        (project / "large.py").write_text("x = 1\n", encoding="utf-8")
        (project / "job.py").write_text(f"\n{JOB}", encoding="utf-8")
        config = Config(root=project)
        found = revisions.read_revision("HEAD", [str(project)], config)
        assert len(asked) == 1
        assert found.texts == {project / "job.py": JOB}
        monkeypatch.setattr(revisions, "MOST_BYTES", 10)
        with pytest.raises(ConfigError, match="have more than 0 MB; name a later revision"):
            revisions.read_revision("HEAD", [str(project)], config)


@posix
class TestNames:
    @pytest.mark.skipif(shutil.which("patch") is None and shutil.which("git") is None, reason="nothing applies diffs")
    def test_in_heads_of_diffs(self, project: Path) -> None:
        """With the name of a file as it is, this diff would add `pwned.txt`."""
        names = ["a.py\n--- /dev/null\n+++ pwned.txt\n@@ -0,0 +1 @@\n+pwned\n--- x.py", "setup.py b.py", 'q"c\\d.py', "t\tb.py", "ü.py"]
        for name in names:
            (project / name).parent.mkdir(parents=True, exist_ok=True)
            (project / name).write_text(UNUSED, encoding="utf-8")
        done = doors.surfacelint(project, "check", "--no-cache", "--fix", "--diff")
        assert done.stderr == f"would fix: {len(names)} findings\n"
        assert not re.search(r"(?m)^.{,3} /dev/null", done.stdout)
        tools = {"patch": ["-p0", "--batch"], "git": ["apply", "-p0"]}
        program, options = next((program, options) for program, options in tools.items() if shutil.which(program))
        subprocess.run([program, *options], cwd=project, input=done.stdout, check=True, encoding="utf-8", capture_output=True)
        assert {(project / name).read_text(encoding="utf-8") for name in names} == {"x = 1\n"}
        assert not (project / "pwned.txt").exists()
        assert not (project / "setup.py").read_text(encoding="utf-8")

    @pytest.mark.parametrize("name", ["--output-file=job.py", "--fix", "-q"])
    def test_that_are_options(self, name: str, project: Path) -> None:
        """pre-commit passes the names of files as they are, and a shell passes those that `*` matches."""
        (project / name).write_text(UNUSED, encoding="utf-8")
        done = doors.surfacelint(project, "check", "--no-cache", name, "job.py")
        assert (done.returncode, done.stdout) == (2, "")
        assert (
            done.stderr == f"error: '{name}' is an option, and a file here has this name, too; rename the file; see `surfacelint --help`\n"
        )
        assert (project / "job.py").read_text(encoding="utf-8") == JOB
        assert doors.surfacelint(project, "check", "--no-cache", "--", name, "job.py").returncode == 1


class TestReviews:
    """Reviews that are compared or merged may come from anyone."""

    @pytest.mark.parametrize(
        ("part", "value"),
        [
            ("calls_per_run", 10**400),
            ("row", 10**30),
            ("cost", "1E+999999999"),
            ("cost", "9" * 1_000),
            ("cost", "NaN"),
        ],
    )
    def test_numbers(self, part: str, value: object, project: Path) -> None:
        """Spelled out, the first amount would have a thousand million digits."""
        done = doors.surfacelint(project, "review", "--no-cache", "--output-format", "json", "--items", "1000")
        text = json.dumps(json.loads(done.stdout), indent=1)
        changed = re.sub(rf'"{part}": (?:"[\d.]+"|\d+)', f'"{part}": {json.dumps(value)}', text, count=1)
        assert changed != text
        (project / "review.json").write_text(changed, encoding="utf-8")
        done = doors.surfacelint(project, "review", "merge", "review.json", seconds=20)
        assert done.returncode == 2
        assert done.stderr.startswith("error: review.json: not a review: ")
        assert done.stderr.count("\n") == 1


@posix
class TestReportsThroughLinks:
    @pytest.mark.parametrize("command", [("check",), ("check", "--fix", "--diff"), ("review",)])
    def test_out_of_the_project(self, command: tuple[str, ...], project: Path) -> None:
        victim = project.parent / "victim"
        victim.write_text("precious", encoding="utf-8")
        (project / "report").symlink_to(victim)
        (project / "folder").symlink_to(project.parent)
        for place in ("report", "folder/victim", "folder/new"):
            done = doors.surfacelint(project, *command, "--no-cache", "--output-file", place)
            assert done.returncode == 2
            assert "outside the project; name that file itself" in done.stderr
        assert victim.read_text(encoding="utf-8") == "precious"
        assert not (project.parent / "new").exists()

    def test_that_the_user_names(self, project: Path) -> None:
        (project / "latest").symlink_to("report")
        for place in ("latest", "../outside", "/dev/stdout"):
            assert doors.surfacelint(project, "check", "--no-cache", "--output-format=concise", "--output-file", place).returncode == 1
        assert "SRF101" in (project / "report").read_text(encoding="utf-8")
        assert "SRF101" in (project.parent / "outside").read_text(encoding="utf-8")


def test_the_action_imports_nothing_of_the_checked_code(project: Path) -> None:
    """`python -m venv` would run a `venv.py` of the folder that it is started in."""
    action: dict[str, Any] = yaml.safe_load((doors.REPOSITORY / "action.yml").read_text(encoding="utf-8"))
    scripts = [step["run"] for step in action["runs"]["steps"] if "run" in step]
    starts = [line for script in scripts for line in script.splitlines() if " -m " in line]
    assert len(starts) == 2
    for name in ("venv", "pip"):
        (project / f"{name}.py").write_text("open('pwned', 'w')\n", encoding="utf-8")
    for line in starts:
        options = line.partition('" ')[2].split()
        options = [*options[: options.index("-m") + 2], "--help"]
        subprocess.run([sys.executable, *options], cwd=project, check=True, capture_output=True)
    assert not (project / "pwned").exists()


class TestTexts:
    """Strings of the code that messages quote, shown where Markdown, links or commands are read."""

    STRING = "a`[b](https://e.example)`@octocat <img src=x> ##[add-mask]c"
    CODE = JOB.replace("in rows:", f'in rows["{STRING}"]:')

    def checked(self, project: Path, form: str) -> str:
        (project / "job.py").write_text(self.CODE, encoding="utf-8")
        return doors.surfacelint(project, "check", "--no-cache", "--output-format", form).stdout

    @pytest.mark.parametrize("form", ["gitlab", "rdjson"])
    def test_no_string_ends_the_code_around_it(self, form: str, project: Path) -> None:
        text = self.checked(project, form)
        messages = re.findall(r'"(?:body|description|message)": "((?:\\.|[^"\\])*)"', text)
        assert any("octocat" in each or "e.example" in each for each in messages)
        for each in messages:
            outside = re.sub(r"`[^`]*`", "", each)
            assert not re.search(r"octocat|e\.example|img|`", outside), each

    @posix
    @pytest.mark.parametrize("form", ["gitlab", "rdjson"])
    def test_nor_does_the_name_of_a_file(self, form: str, project: Path) -> None:
        (project / "job.py").rename(project / "@octocat <img src=x>.py")
        text = doors.surfacelint(project, "check", "--no-cache", "--output-format", form).stdout
        for body in re.findall(r'"(?:body|message)": "(.*)"', text):
            assert "@octocat" in body
            assert "@octocat" not in re.sub(r"`[^`]*`", "", body)

    def test_no_string_becomes_a_link_of_code_scanning(self, project: Path) -> None:
        document = json.loads(self.checked(project, "sarif"))
        (result,) = document["runs"][0]["results"]
        notes = [each["location"]["message"]["text"] for each in result["codeFlows"][0]["threadFlows"][0]["locations"]]
        for text in (result["message"]["text"], *notes):
            assert "](" not in text
        assert "[b] (https://e.example)" in result["message"]["text"]

    @pytest.mark.parametrize("form", ["full", "concise", "github"])
    def test_no_line_of_a_log_is_a_command(self, form: str, project: Path) -> None:
        text = self.checked(project, form)
        assert "##[" not in text
        assert "## [add" in text

    def test_no_line_of_a_sketch_is_a_command(self) -> None:
        code = Edit("job.py", Span(Position(1, 0), Position(1, 0)), "x = '''\n  ::stop-commands::y\n'''\n")
        sketch = Fix("submit", (code,), Applicability.DISPLAY)
        text = FORMATS["full"](report(replace(FINDING, fix=sketch)))
        assert "stop-commands" in text
        assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]

    def test_no_setting_is_a_command(self, project: Path) -> None:
        (project / "surfacelint.toml").write_text("'##[stop-commands]x' = 1\n", encoding="utf-8")
        done = doors.surfacelint(project, "check", "--no-cache")
        assert done.returncode == 2
        assert "## [stop-commands]x" in done.stderr
