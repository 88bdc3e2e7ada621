"""The doors that others hold open: the action of GitHub, the snippets of `docs/integrations.md`, editors and shells."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import doors
import pages
import parsed
import pytest
import yaml

PAGE = (doors.REPOSITORY / "docs" / "integrations.md").read_text(encoding="utf-8")
ACTION = doors.REPOSITORY / "action.yml"
PROGRAM = Path(sys.executable).with_name("surfacelint")
SCHEMAS = {
    ".github/workflows/surfacelint.yml": "vendor.github-workflows",
    ".gitlab-ci.yml": "vendor.gitlab-ci",
    "azure-pipelines.yml": "vendor.azure-pipelines",
}
LOOP = """\
from openai import OpenAI

client = OpenAI()


def run(reviews):
    for review in reviews:
        client.responses.create(model="gpt-5-mini", input=review)
"""

needs_bash = pytest.mark.skipif(shutil.which("bash") is None or os.name == "nt", reason="needs bash")
needs_program = pytest.mark.skipif(not PROGRAM.is_file(), reason="surfacelint is not installed beside this Python")


def blocks(language: str) -> list[str]:
    return pages.texts("docs/integrations.md", language)


def problems(schema: str, file: Path) -> str:
    """Return what a published schema that needs no network says against a file."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    for name, text in {"pyproject.toml": "", "job.py": LOOP, "clean.py": "print()\n"}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


class TestSchemas:
    def test_action(self) -> None:
        assert problems("vendor.github-actions", ACTION) == ""

    def test_workflow(self) -> None:
        assert problems("vendor.github-workflows", doors.REPOSITORY / ".github" / "workflows" / "ci.yml") == ""

    @pytest.mark.parametrize("number", range(len(blocks("yaml"))))
    def test_snippets(self, number: int, tmp_path: Path) -> None:
        text = blocks("yaml")[number]
        file = tmp_path / "snippet.yml"
        file.write_text(text, encoding="utf-8")
        schema = SCHEMAS[text.partition("\n")[0].removeprefix("# ")]
        assert problems(schema, file) == ""
        file.write_text(text.replace("script:", "scirpt:").replace("jobs:\n", "jbos:\n"), encoding="utf-8")
        assert problems(schema, file) != ""

    @pytest.mark.parametrize("text", pages.texts("docs/review.md", "yaml"), ids=lambda text: text.partition(":")[0])
    def test_workflows_of_reviews(self, text: str, tmp_path: Path) -> None:
        file = tmp_path / "review.yml"
        file.write_text(text, encoding="utf-8")
        assert problems("vendor.github-workflows", file) == ""

    def test_inputs_of_the_action_are_described(self) -> None:
        described = dict(re.findall(r"^\| `([\w-]+)` \| (\S+) \|", PAGE, re.MULTILINE))
        inputs = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["inputs"]
        assert {name: f"`{each['default']}`" if each["default"] else "none" for name, each in inputs.items()} == described

    def test_links_lead_somewhere(self) -> None:
        for target in re.findall(r"\]\(([^)#:]+)", PAGE):
            assert (doors.REPOSITORY / "docs" / target).exists(), target


@pytest.mark.parametrize("text", [text for text in blocks("yaml") if "surfacelint check" in text], ids=lambda text: text.partition("\n")[0])
def test_the_commands_of_the_snippets(text: str, project: Path) -> None:
    (arguments,) = re.findall(r"surfacelint (check .*)", text)
    name, file = re.findall(r"--output-format (\S+) --output-file (\S+)", arguments)[0]
    assert text.count(file) >= 2
    assert doors.surfacelint(project, *arguments.split()).returncode == 1
    (said,) = parsed.READERS[name]((project / file).read_text(encoding="utf-8"))
    assert said[:5] == ("job.py", None, 8, 9, "SRF101")


class Runner:
    """Runs the steps of the action that are scripts, as GitHub's runner does; those that `uses` another action are noted."""

    def __init__(self, workspace: Path, temporary: Path, **inputs: str) -> None:
        """Take what the workflow gives; the rest of the inputs has its default."""
        self.action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
        self.workspace, self.temporary = workspace, temporary
        self.values = {
            f"inputs.{name}": inputs.get(name.replace("-", "_"), each["default"]) for name, each in self.action["inputs"].items()
        }
        self.values |= {"github.action_path": str(doors.REPOSITORY), "runner.temp": str(temporary)}
        self.values["steps.python.outputs.python-path"] = sys.executable
        self.used: list[str] = []
        self.log = ""

    def run(self, *, install: bool = False) -> int:
        """Run all steps up to the first that fails, and return its exit code."""
        if not install:
            self.values["steps.install.outputs.program"] = str(PROGRAM)
        for step in self.action["runs"]["steps"]:
            if "if" in step and not self.holds(step["if"]):
                continue
            if "uses" in step:
                self.used.append(step["uses"].partition("@")[0])
            elif install or step.get("id") != "install":
                code = self.script(step)
                if code:
                    return code
        return 0

    def holds(self, condition: str) -> bool:
        """Say whether a condition holds; the action knows one kind."""
        name, text = re.fullmatch(r"(\S+) == '(\w+)'", condition).groups()  # type: ignore[union-attr]
        return bool(self.values[name] == text)

    def filled(self, text: str) -> str:
        """Return a text with its expressions replaced."""
        return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: self.values[found[1]], text)

    def script(self, step: dict[str, Any]) -> int:
        """Run a step and keep its outputs."""
        assert "${{" not in step["run"], "what an input holds must not become part of a script"
        outputs = self.temporary / "outputs"
        outputs.write_text("", encoding="utf-8")
        environment = {**os.environ, **{name: self.filled(text) for name, text in step["env"].items()}, "GITHUB_OUTPUT": str(outputs)}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, cwd=self.workspace, env=environment, capture_output=True, encoding="utf-8", check=False)
        self.log += done.stdout + done.stderr
        for line in outputs.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition("=")
            self.values[f"steps.{step['id']}.outputs.{name}"] = value
        return done.returncode


@needs_bash
@needs_program
class TestAction:
    def test_annotations(self, project: Path, tmp_path: Path) -> None:
        runner = Runner(project, tmp_path)
        assert (runner.run(), runner.used) == (1, ["actions/setup-python"])
        ((command, properties, _),) = parsed.commands(runner.log)
        assert (command, properties["file"], properties["line"]) == ("warning", "job.py", "8")

    def test_code_scanning_is_told_before_the_step_fails(self, project: Path, tmp_path: Path) -> None:
        runner = Runner(project, tmp_path, format="sarif")
        assert (runner.run(), runner.used) == (1, ["actions/setup-python", "github/codeql-action/upload-sarif"])
        assert [said.code for said in parsed.sarif((project / "surfacelint.sarif").read_text(encoding="utf-8"))] == ["SRF101"]

    @pytest.mark.parametrize(
        ("inputs", "code"),
        [
            ({"paths": "clean.py\n"}, 0),
            ({"paths": "clean.py\njob.py\n"}, 1),
            ({"paths": "no such file.py"}, 2),
            ({"options": "--ignore SRF101 --min-items 3"}, 0),
            ({"options": "--exit-zero"}, 0),
            ({"options": "$(touch touched)"}, 2),
            ({"paths": "; touch touched"}, 2),
        ],
    )
    def test_inputs(self, project: Path, tmp_path: Path, inputs: dict[str, str], code: int) -> None:
        assert Runner(project, tmp_path, **inputs).run() == code
        assert not (project / "touched").exists()

    @pytest.mark.slow
    def test_it_installs_itself(self, project: Path, tmp_path: Path) -> None:
        runner = Runner(project, tmp_path)
        assert runner.run(install=True) == 1, runner.log
        assert runner.values["steps.install.outputs.program"].startswith(str(tmp_path))
        assert len(list(parsed.commands(runner.log))) == 1


class TestEditors:
    def test_problem_matcher(self, project: Path) -> None:
        (task,) = json.loads(blocks("json")[0])["tasks"]
        program, *arguments = task["command"].split()
        assert program == "surfacelint"
        (line,) = doors.surfacelint(project, *arguments).stdout.splitlines()
        found = re.fullmatch(task["problemMatcher"]["pattern"]["regexp"], line)
        assert found is not None
        assert found.groups()[:4] == ("job.py", "8", "9", "SRF101")
        cell = re.fullmatch(task["problemMatcher"]["pattern"]["regexp"], line.replace("job.py:", "book.ipynb:cell 2:"))
        assert cell is not None
        assert cell.groups()[:4] == ("book.ipynb", "8", "9", "SRF101")

    @pytest.mark.skipif(shutil.which("vim") is None, reason="needs vim")
    def test_vim(self, project: Path) -> None:
        (settings,) = blocks("vim")
        (project / "vimrc").write_text(settings, encoding="utf-8")
        script = "call writefile([json_encode(map(getqflist(), {_, e -> [bufname(e.bufnr), e.lnum, e.col]}))], 'found')"
        environment = {**os.environ, "PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"}
        command = ["vim", "-Es", "-u", "vimrc", "-c", "silent make!", "-c", script, "-c", "qa!"]
        subprocess.run(command, cwd=project, env=environment, check=False, capture_output=True, timeout=60)
        assert json.loads((project / "found").read_text(encoding="utf-8")) == [["job.py", 8, 9]]


@needs_program
class TestShells:
    LINES = next(block for block in blocks("sh") if "_SURFACELINT_COMPLETE" in block).splitlines()

    @needs_bash
    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_line(self, shell: str) -> None:
        if shutil.which(shell) is None:
            pytest.skip(f"no {shell} here")
        (line,) = [line for line in self.LINES if f"{shell}_source" in line]
        show = {"bash": "complete -p surfacelint", "zsh": "whence -w _surfacelint_completion", "fish": "complete -c surfacelint"}[shell]
        first = "autoload -Uz compinit && compinit -u; " if shell == "zsh" else ""
        environment = {**os.environ, "PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"}
        command = [shell, "-c", f"{first}{line}\n{show}"]
        done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
        assert "_surfacelint_completion" in done.stdout, done.stderr

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_the_script_of_a_shell(self, shell: str) -> None:
        assert "_surfacelint_completion" in self.complete(f"{shell}_source")

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            (["surfacelint", "ch"], ["check"]),
            (["surfacelint", "check", "--output-fo"], ["--output-format"]),
            (["surfacelint", "check", "--output-format", "json"], ["json", "json-lines"]),
            (["surfacelint", "check", "--select", "SRF2,srf50"], [f"SRF2,SRF50{number}" for number in range(1, 6)]),
            (["surfacelint", "rule", "batch-e"], ["batch-errors-ignored"]),
            (["surfacelint", "providers", "openrou"], ["openrouter"]),
        ],
    )
    def test_completions(self, words: list[str], expected: list[str]) -> None:
        text = self.complete("bash_complete", COMP_WORDS=" ".join(words), COMP_CWORD=str(len(words) - 1))
        assert [line.partition(",")[2] for line in text.splitlines()] == expected

    @pytest.mark.parametrize(
        "words", ["check", "check --config", "check --baseline", "check - --stdin-filename", "explain", "show-settings", "baseline create"]
    )
    def test_paths_are_left_to_the_shell(self, words: str) -> None:
        text = self.complete("bash_complete", COMP_WORDS=f"surfacelint {words} sr", COMP_CWORD=str(len(words.split()) + 1))
        assert text == "file,sr\n"

    def complete(self, instruction: str, **extra: str) -> str:
        environment = {**os.environ, **extra, "_SURFACELINT_COMPLETE": instruction}
        done = subprocess.run([PROGRAM], env=environment, capture_output=True, encoding="utf-8", check=True)
        return done.stdout


class TestAsAModule:
    """`python -m surfacelint` where the user's files have the names of modules of Python and of packages."""

    NAMES = (
        "click",
        "email",
        "typing",
        "re",
        "json",
        "tokenize",
        "dataclasses",
        "enum",
        "ast",
        "string",
        "textwrap",
        "surfacelint_x",
    )

    @pytest.fixture
    def shadowed(self, project: Path) -> Path:
        for name in self.NAMES:
            (project / f"{name}.py").write_text("raise SystemExit('the file of the user was run')\n", encoding="utf-8")
        return project

    @pytest.mark.parametrize("arguments", [("--version",), ("check", "clean.py"), ("check", "--output-format", "sarif", "clean.py")])
    def test_files_of_the_user_are_not_imported(self, shadowed: Path, arguments: tuple[str, ...]) -> None:
        done = doors.surfacelint(shadowed, *arguments)
        assert (done.returncode, done.stderr) == (0, "")

    def test_they_are_checked(self, shadowed: Path) -> None:
        (shadowed / "email.py").write_text(LOOP, encoding="utf-8")
        done = doors.surfacelint(shadowed, "check", "--output-format", "concise")
        assert doors.places(done.stdout) == ["email.py:8:9 SRF101", "job.py:8:9 SRF101"]

    @pytest.mark.skipif(sys.version_info < (3, 11), reason="-P is new in 3.11")
    def test_what_python_itself_needs(self, shadowed: Path) -> None:
        (shadowed / "types.py").write_text("raise SystemExit('the file of the user was run')\n", encoding="utf-8")
        command = [sys.executable, "-P", "-m", "surfacelint", "check", "clean.py"]
        assert subprocess.run(command, cwd=shadowed, capture_output=True, check=False).returncode == 0
