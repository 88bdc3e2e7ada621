"""Whatever lies in the place of settings, baselines and notebooks, and whatever paths are named: one clear line, and no run hangs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from surfacelint.cli import main
from surfacelint.config import ConfigError, parse_toml
from surfacelint.config.toml_lines import line_of
from surfacelint.system import safe_reading

JOB = """\
from openai import OpenAI

client = OpenAI()


def label(rows):
    for row in rows:
        client.responses.create(model="gpt-5", input=row)
"""
LONG = "a" * 5_000
DEEP = "/".join(["b" * 200] * 30)

fifos = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
links = pytest.mark.skipif(os.name == "nt", reason="links need rights here")
devices = pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no such device")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "setup.py").touch()
    (tmp_path / "job.py").write_text(JOB, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(*arguments: str, text: str | None = None) -> tuple[int, str]:
    """Run a check in this process; return the exit code and what was said on stderr."""
    result = CliRunner().invoke(main, ["check", "--output-format=concise", *arguments], input=text)
    return result.exit_code, result.stderr


def one_line(said: tuple[int, str], *words: str) -> None:
    """Assert that a run said one clear line, with some words, and ended with 2."""
    code, text = said
    assert (code, text.count("\n"), text[:7]) == (2, 1, "error: "), text[:300]
    assert "itself failed" not in text
    assert len(text) < 3_000
    assert not [word for word in words if word not in text]


def started(project: Path, *arguments: str) -> int:
    """Run a check in a process of its own, which has a minute; return the exit code."""
    command = [sys.executable, "-m", "surfacelint", "check", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, check=False, timeout=60).returncode


class TestFifosAndDevices:
    @fifos
    @pytest.mark.parametrize("name", ["surfacelint.toml", "pyproject.toml"])
    def test_a_fifo_is_no_file_of_settings(self, project: Path, name: str) -> None:
        os.mkfifo(project / name)
        assert started(project) == 1

    @fifos
    def test_a_fifo_is_no_baseline(self, project: Path) -> None:
        os.mkfifo(project / "b")
        assert started(project, "--baseline", "b") == 2
        one_line(check("--baseline", "b"), "b: cannot be read: it is a pipe or a device")

    @devices
    def test_a_device_is_neither(self, project: Path) -> None:
        (project / "surfacelint.toml").symlink_to("/dev/zero")
        (project / "b").symlink_to("/dev/zero")
        assert started(project) == 1
        one_line(check("--isolated", "--baseline", "b"), "b: cannot be read: it is a pipe or a device")

    @devices
    def test_a_device_that_is_named_as_settings_is_read_as_far_as_settings_may_go(self, project: Path) -> None:
        one_line(check("--config", "/dev/zero"), "/dev/zero: too large: the limit is 1 MB")
        assert check("--config", "/dev/null")[0] == 1

    @fifos
    def test_settings_may_be_named_as_a_pipe(self, project: Path) -> None:
        reading, writing = os.pipe()
        os.write(writing, b'ignore = ["SRF101"]')
        os.close(writing)
        command = [sys.executable, "-m", "surfacelint", "check", "--config", f"/dev/fd/{reading}"]
        done = subprocess.run(command, cwd=project, capture_output=True, check=False, timeout=60, pass_fds=[reading])
        os.close(reading)
        assert done.returncode == 0


class TestDepthAndSize:
    @pytest.mark.parametrize("text", ["x=" + "[" * 100_000, "x=" + "[" * 20_000 + "]" * 20_000, "x=" + "{a=" * 50_000])
    def test_deep_settings(self, project: Path, text: str) -> None:
        (project / "surfacelint.toml").write_text(text, encoding="utf-8")
        one_line(check(), "surfacelint.toml: not valid TOML: it is nested too deeply")

    @pytest.mark.parametrize("depth", [50, 200, 400, 800])
    def test_settings_that_are_just_not_too_deep(self, project: Path, depth: int) -> None:
        (project / "surfacelint.toml").write_text(f"select = {'[' * depth}{']' * depth}", encoding="utf-8")
        one_line(check(), "surfacelint.toml")

    def test_deep_settings_further_down(self, project: Path) -> None:
        (project / "inner").mkdir()
        (project / "inner" / "job.py").write_text(JOB, encoding="utf-8")
        (project / "inner" / "surfacelint.toml").write_text("x=" + "[" * 100_000, encoding="utf-8")
        one_line(check(), "inner/surfacelint.toml: not valid TOML: it is nested too deeply")

    def test_large_settings(self, project: Path) -> None:
        (project / "surfacelint.toml").write_text("#" * 1_000_001, encoding="utf-8")
        one_line(check(), "surfacelint.toml: too large: the limit is 1 MB")

    def test_a_key_of_very_many_parts(self) -> None:
        began = time.process_time()
        with pytest.raises(ConfigError, match="too many dots"):
            parse_toml(".".join("a" * 400_000) + " = 1", "surfacelint.toml")
        with pytest.raises(ConfigError, match="too many dots"):
            parse_toml(f"{'.'.join('a' * 5_000)} = 1\n" * 90, "surfacelint.toml")
        assert time.process_time() - began < 5
        assert parse_toml(f"x = [{'0.5, ' * 9_000}]", "surfacelint.toml")["x"][1] == 0.5

    def test_a_table_that_begins_with_very_much_space(self) -> None:
        began = time.process_time()
        assert line_of(f"[{' ' * 200_000}\njobs = 1\n", "", "jobs") == 2
        assert line_of(f"[ a{' ' * 200_000}] # b\njobs = 1\n", "a", "jobs") == 2
        assert line_of("# \u2028 \x85\r\njobs = 1\r\n", "", "jobs") == 2
        assert time.process_time() - began < 5

    def test_a_number_of_many_digits(self, project: Path) -> None:
        (project / "surfacelint.toml").write_text(f"min-items = {'1' * 10_000}", encoding="utf-8")
        one_line(check(), "surfacelint.toml: not valid TOML: ")

    @pytest.mark.parametrize("text", ["[" * 200_000, '{"version": 1, "findings": ' + "[" * 100_000, "[" * 3_000 + "]" * 3_000])
    def test_deep_baselines(self, project: Path, text: str) -> None:
        (project / "b").write_text(text, encoding="utf-8")
        one_line(check("--baseline", "b"), "b: not a baseline: ")

    def test_large_baselines(self, project: Path) -> None:
        with (project / "b").open("wb") as file:
            file.truncate(64_000_001)
        one_line(check("--baseline", "b"), "b: too large: the limit is 64 MB")

    @pytest.mark.parametrize("count", [1_000_001, 10**15])
    def test_baselines_of_more_findings_than_there_can_be(self, project: Path, count: int) -> None:
        row = {"code": "SRF101", "path": "x.py", "function": "f", "call": "g", "count": count}
        (project / "b").write_text(json.dumps({"version": 1, "findings": [row]}), encoding="utf-8")
        one_line(check("--baseline", "b"), "b: not a baseline: it counts more than 1,000,000 findings")

    @pytest.mark.parametrize("text", ["[" * 200_000, '{"cells": ' * 100_000, '{"cells": [' + "[" * 100_000])
    def test_deep_notebooks(self, project: Path, text: str) -> None:
        (project / "n.ipynb").write_text(text, encoding="utf-8")
        result = CliRunner().invoke(main, ["check", "--output-format=concise"])
        assert result.exit_code == 2
        assert "job.py:8:9: SRF101" in result.stdout
        assert "n.ipynb:1:1: SRF901 not checked: not a notebook: it is nested too deeply" in result.stdout

    def test_memory_that_is_not_there(self) -> None:
        def loads(text: str) -> object:
            raise MemoryError

        with pytest.raises(safe_reading.InputError, match="not a baseline: there is not enough memory"):
            safe_reading.parse(loads, "", "a baseline")


class TestPaths:
    @pytest.mark.parametrize("path", [LONG, DEEP], ids=["long", "deep"])
    @pytest.mark.parametrize("option", ["--config", "--baseline", "--output-file"])
    def test_names_that_are_too_long(self, project: Path, option: str, path: str) -> None:
        one_line(check(option, path))

    @pytest.mark.parametrize("path", [LONG, DEEP], ids=["long", "deep"])
    def test_standard_input_may_have_any_name(self, project: Path, path: str) -> None:
        assert check("-", "--stdin-filename", f"{path}/job.py", text=JOB) == (1, "")

    def test_a_cache_that_cannot_be_made_is_none(self, project: Path) -> None:
        assert check("--cache-dir", LONG)[0] == 1

    def test_a_long_inline_setting_is_no_name_of_a_file(self, project: Path) -> None:
        assert check("--config", f"ignore = ['SRF101'{' ' * 5_000}]") == (0, "")

    @links
    @pytest.mark.parametrize("option", ["--config", "--baseline", "--output-file"])
    def test_links_to_themselves(self, project: Path, option: str) -> None:
        (project / "l").symlink_to("l")
        one_line(check(option, "l"), "l: cannot be ", os.strerror(40) if sys.platform == "linux" else "")
        assert (project / "l").is_symlink()

    @pytest.mark.parametrize("option", ["--config", "--baseline", "--output-file"])
    def test_folders(self, project: Path, option: str) -> None:
        (project / "d").mkdir()
        one_line(check(option, "d"), "d: cannot be ")

    @pytest.mark.parametrize("key", ["baseline", "extend", "cache-dir"])
    @pytest.mark.parametrize("value", [r"a\u0000b", LONG, "~nobody-of-that-name/x"], ids=["null", "long", "home"])
    def test_in_settings(self, project: Path, key: str, value: str) -> None:
        (project / "surfacelint.toml").write_text(f'{key} = "{value}"', encoding="utf-8")
        said = check()
        if said != (1, ""):  # a cache that cannot be made
            one_line(said)

    @pytest.mark.parametrize("path", [LONG, DEEP, "a\0b", "\ud800", "../" * 3_000], ids=["long", "deep", "null", "half", "up"])
    def test_in_baselines(self, project: Path, path: str) -> None:
        row = {"code": "SRF101", "path": path, "function": "other", "call": "g", "count": 1}
        (project / "b").write_text(json.dumps({"version": 1, "findings": [row]}), encoding="utf-8")
        code, said = check("--baseline", "b")
        assert code == 1
        assert "itself failed" not in said

    @links
    def test_settings_that_extend_themselves(self, project: Path) -> None:
        (project / "k").symlink_to(".")
        for target in ("surfacelint.toml", "k/surfacelint.toml", "k/k/surfacelint.toml"):
            (project / "surfacelint.toml").write_text(f'extend = "{target}"', encoding="utf-8")
            one_line(check(), "surfacelint.toml: extends itself: surfacelint.toml -> ")

    def test_values_of_any_length_stay_readable(self, project: Path) -> None:
        for text in (f"{'a' * 900_000} = 1", f'select = "{"a" * 900_000}"', f'output-format = "{"a" * 900_000}"'):
            (project / "surfacelint.toml").write_text(text, encoding="utf-8")
            one_line(check(), "surfacelint.toml:1: ")


@pytest.mark.parametrize(
    ("make", "kind", "said"),
    [
        (lambda path: None, safe_reading.MissingInputError, "cannot be read: "),
        (lambda path: path.mkdir(), safe_reading.InputError, "cannot be read: "),
        (lambda path: path.write_bytes(b"a\n\xff"), safe_reading.InputError, "not valid UTF-8 in line 2"),
        (lambda path: path.write_bytes(b"a" * 1_000_001), safe_reading.InputError, "too large: the limit is 1 MB"),
    ],
)
def test_one_error_for_all(tmp_path: Path, make: Callable[[Path], object], kind: type[safe_reading.InputError], said: str) -> None:
    make(tmp_path / "x")
    with pytest.raises(kind) as caught:
        safe_reading.read_text(tmp_path / "x", 1_000_000)
    assert str(caught.value).startswith(said)


def test_what_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\xef\xbb\xbfa" + b"b" * 999_996)
    assert safe_reading.read_text(tmp_path / "x", 1_000_000) == "a" + "b" * 999_996
