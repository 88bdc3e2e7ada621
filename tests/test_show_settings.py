"""`show-settings`, `--show-settings` and `--show-files`: what holds, where it comes from, and what would be checked."""

from __future__ import annotations

from pathlib import Path

import doors
import pytest

from surfacelint import config


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.surfacelint]\nmin-items = 300\nignore = ["SRF1"]\nextend-exclude = ["a"]\n', encoding="utf-8"
    )
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "surfacelint.toml").write_text('extend = "../pyproject.toml"\n\nmin-items = 9\n', encoding="utf-8")
    for name in ("job.py", "shop/job.py", "shop/page.ipynb", "shop/words.txt"):
        (tmp_path / name).write_text("", encoding="utf-8")
    return tmp_path


def shown(project: Path, *arguments: str) -> dict[str, str]:
    done = doors.surfacelint(project, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return {key: rest for key, found, rest in (line.partition(" = ") for line in done.stdout.splitlines()) if found}


def test_every_setting_is_shown(project: Path) -> None:
    assert list(shown(project, "show-settings")) == [setting.key for setting in config.settings().values()]


def test_each_value_has_its_place(project: Path) -> None:
    found = shown(project, "show-settings", "--fail-on", "error", "--extend-exclude", "b", "--config", "check-tests = true")
    assert found["min-items"] == "300  # pyproject.toml:2"
    assert found["ignore"] == '["SRF1"]  # pyproject.toml:3'
    assert found["fail-on"] == '"error"  # command line'
    assert found["extend-exclude"] == '["a", "b"]  # pyproject.toml:4, command line'
    assert found["check-tests"] == "true  # --config 'check-tests = true'"
    assert found["output-format"] == '"full"  # default'


def test_a_path_has_the_settings_of_its_folder(project: Path) -> None:
    for path in ("shop", "shop/job.py"):
        found = shown(project, "show-settings", path)
        assert (found["min-items"], found["ignore"]) == ("9  # shop/surfacelint.toml:3", '["SRF1"]  # pyproject.toml:3')
    assert shown(project, "check", "--show-settings", "shop")["min-items"] == "9  # shop/surfacelint.toml:3"


def test_the_rules_are_those_that_are_enabled(project: Path) -> None:
    rules = doors.surfacelint(project, "show-settings", "--select", "SRF102,SRF6").stdout.splitlines()[1]
    assert rules == "# rules: SRF102, SRF601, SRF901"


def test_files_are_those_that_are_checked(project: Path) -> None:
    done = doors.surfacelint(project, "check", "--show-files")
    assert (done.returncode, done.stdout.split()) == (0, ["job.py", "shop/job.py", "shop/page.ipynb"])
    done = doors.surfacelint(project, "check", "--show-files", "--exclude", "shop/*.py", "shop", "nope")
    assert (done.returncode, done.stdout.split(), done.stderr) == (2, ["shop/page.ipynb"], "error: nope does not exist\n")


@pytest.mark.parametrize("arguments", [("nope",), ("--config", "min-item = 3"), ("--select", "SFR1")])
def test_mistakes_are_one_line(project: Path, arguments: tuple[str, ...]) -> None:
    done = doors.surfacelint(project, "show-settings", *arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
