"""The release: one version and one address everywhere, builds that can be repeated, and workflows that only publish what is meant."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import doors
import pytest
import yaml

sys.path.insert(0, str(doors.REPOSITORY / "scripts"))

from releasing.builds import differences, missing
from releasing.places import PLACES, followed
from releasing.publication import is_placeholder, obstacles, release_notes
from releasing.trials import Environment, TrialError, tried

from surfacelint.system.version import HOMEPAGE, REPOSITORY, __version__

GITHUB = doors.REPOSITORY / ".github"
WORKFLOWS = [*sorted((GITHUB / "workflows").glob("*.yml")), doors.REPOSITORY / "action.yml"]
FORMS = sorted(path for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
ADDRESSES = {"homepage": "https://docs.surfacelint.dev", "repository": "https://github.com/somebody/surfacelint"}

needs_git = pytest.mark.skipif(
    shutil.which("git") is None or not (doors.REPOSITORY / ".git").exists(), reason="needs the git repository around the tests"
)


def valid(schema: str, *files: Path) -> bool:
    """Whether a published schema that needs no network accepts files."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *map(str, files)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class TestPlaces:
    def test_every_place_follows_the_package(self) -> None:
        assert [str(file.relative_to(doors.REPOSITORY)) for file, _ in followed(doors.REPOSITORY)] == []

    def test_another_version_or_address_is_seen_and_corrected(self, tmp_path: Path) -> None:
        correct = {}
        for file in {file for place in PLACES for glob in place.files for file in doors.REPOSITORY.glob(glob)}:
            copy = tmp_path / file.relative_to(doors.REPOSITORY)
            copy.parent.mkdir(parents=True, exist_ok=True)
            text = correct[copy] = file.read_text(encoding="utf-8")
            for fact, other in (
                (REPOSITORY, "https://elsewhere.test/a/surfacelint"),
                (HOMEPAGE, "https://else.test/"),
                (__version__, "9.8.7"),
            ):
                text = text.replace(fact, other)
            copy.write_text(text.replace("example/surfacelint@", "a/surfacelint@"), encoding="utf-8")
        changed = dict(followed(tmp_path))
        assert {"README.md", "pyproject.toml", "package.json", "package-lock.json", "integrations.md", "config.yml"} <= {
            file.name for file in changed
        }
        for file, text in changed.items():
            assert text.replace("9.8.7", __version__) == correct[file]

    def test_a_place_that_is_gone_is_an_error(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match=r"nothing matches .* correct PLACES"):
            list(followed(tmp_path))

    def test_no_snippet_names_another_version(self) -> None:
        for page in (doors.REPOSITORY / "README.md", *sorted((doors.REPOSITORY / "docs").rglob("*.md"))):
            named = re.findall(r"surfacelint[-@= ]+v?(\d+\.\d+\.\d+)", page.read_text(encoding="utf-8"))
            assert set(named) <= {__version__}, page

    def test_the_changelog_begins_with_this_version(self) -> None:
        text = (doors.REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
        assert re.findall(r"^## \[(\d\S*)\]", text, re.MULTILINE)[0] == __version__
        assert re.findall(r"^\[(\d\S*)\]: ", text, re.MULTILINE)[0] == __version__

    def test_reports_name_this_version(self, tmp_path: Path) -> None:
        (tmp_path / "a.py").write_text("", encoding="utf-8")
        assert f'"version": "{__version__}"' in doors.surfacelint(tmp_path, "check", "--output-format", "sarif").stdout
        assert f'"generator": "surfacelint {__version__}"' in doors.surfacelint(tmp_path, "review", "--output-format", "json").stdout


@needs_git
def test_the_release_is_reproducible_and_valid(tmp_path: Path) -> None:
    output, notes = tmp_path / "dist", tmp_path / "notes.md"
    done = doors.script(doors.REPOSITORY, Path("scripts/check_release.py"), "--output", str(output), "--notes", str(notes))
    assert (done.returncode, done.stderr) == (0, "")
    assert notes.read_text(encoding="utf-8") == release_notes((doors.REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8"), __version__)
    wheel, sdist = output / f"surfacelint-{__version__}-py3-none-any.whl", output / f"surfacelint-{__version__}.tar.gz"
    assert sorted(output.iterdir()) == [wheel, sdist]
    assert done.stdout.count(f"  {wheel.name}\n") == done.stdout.count(f"  {sdist.name}\n") == 1
    with zipfile.ZipFile(wheel) as archive:
        metadata = message_from_string(archive.read(f"surfacelint-{__version__}.dist-info/METADATA").decode())
        assert {name.partition("/")[0] for name in archive.namelist()} == {"surfacelint", f"surfacelint-{__version__}.dist-info"}
    assert metadata["Version"] == __version__
    assert all(each.partition(", ")[2].startswith((HOMEPAGE, REPOSITORY)) for each in metadata.get_all("Project-URL", []))
    targets = re.findall(r"\]\(([^)\s]+)\)", str(metadata.get_payload()))
    assert targets
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []
    assert f"{REPOSITORY}/raw/v{__version__}/docs/review-page.png" in targets
    assert list(missing(sdist, ["pyproject.toml", "no such file"])) != []


def test_builds_that_differ_are_seen(tmp_path: Path) -> None:
    builds = []
    for name, text in (("a", "same"), ("b", "same"), ("c", "other")):
        (tmp_path / name).mkdir()
        for file, content in (("x.tar.gz", "same"), ("x.whl", text)):
            (tmp_path / name / file).write_text(content, encoding="utf-8")
        builds.append([tmp_path / name / "x.tar.gz", tmp_path / name / "x.whl"])
    assert list(differences(builds[:2])) == []
    assert list(differences(builds)) == ["x.whl: not reproducible: 2 different files from 3 builds"]


@pytest.mark.skipif(not doors.FLAKE8_KNOWS_US, reason="flake8 finds plugins by the metadata of the installed package")
class TestTrials:
    """What `scripts/try_release.py` does with an installed wheel, here with the environment of the tests."""

    def test_the_examples(self, tmp_path: Path) -> None:
        used = tried(Environment(Path(sys.executable).parent, tmp_path), doors.REPOSITORY / "examples", __version__)
        assert used.startswith(f"{sys.implementation.name} {'.'.join(map(str, sys.version_info[:3]))} on ")

    def test_what_is_wrong_is_told(self, tmp_path: Path) -> None:
        here = Environment(Path(sys.executable).parent, tmp_path)
        with pytest.raises(TrialError, match=r"surfacelint --version printed something else: surfacelint "):
            tried(here, doors.REPOSITORY / "examples", "9.9.9")
        with pytest.raises(TrialError, match=r"(?s)surfacelint\S* check nowhere: exit status 2, not 0: .*nowhere does not exist"):
            here.run("surfacelint", "check", "nowhere")
        with pytest.raises(TrialError, match="no-such-program is not installed"):
            here.run("no-such-program")


class TestPublication:
    @pytest.fixture
    def checkout(self, tmp_path: Path) -> Path:
        if shutil.which("git") is None:
            pytest.skip("needs git")
        folder = tmp_path / "checkout"
        folder.mkdir()
        (folder / "CHANGELOG.md").write_text(f"## [{__version__}] - 2026-11-29\n\nNotes.\n", encoding="utf-8")
        doors.Sandbox(tmp_path).commit(folder)
        return folder

    def test_a_clean_checkout_with_addresses_can_be_published(self, checkout: Path) -> None:
        assert list(obstacles(checkout, f"v{__version__}", **ADDRESSES)) == []

    @pytest.mark.parametrize("name", ADDRESSES)
    def test_a_placeholder_cannot(self, checkout: Path, name: str) -> None:
        (line,) = obstacles(checkout, f"v{__version__}", **{**ADDRESSES, name: "https://example.org/surfacelint"})
        assert line == (
            f"surfacelint/system/version.py: {name.upper()} is the placeholder https://example.org/surfacelint: "
            "set it, then run scripts/write_release.py"
        )

    def test_another_tag_cannot(self, checkout: Path) -> None:
        (line,) = obstacles(checkout, "v0.0.1", **ADDRESSES)
        assert line.startswith(f"the tag v0.0.1 is not that of version {__version__}: ")

    def test_changes_cannot(self, checkout: Path) -> None:
        (checkout / "new.py").write_text("", encoding="utf-8")
        (line,) = obstacles(checkout, f"v{__version__}", **ADDRESSES)
        assert line.endswith("is not a git checkout without changes: commit or remove them")

    def test_a_version_without_notes_cannot(self, checkout: Path, tmp_path: Path) -> None:
        (checkout / "CHANGELOG.md").write_text(f"## [{__version__}]\n", encoding="utf-8")
        doors.Sandbox(tmp_path).run(checkout, "git", "commit", "--quiet", "--all", "--message=no notes")
        (line,) = obstacles(checkout, f"v{__version__}", **ADDRESSES)
        assert line.startswith("CHANGELOG.md: has no heading")

    @pytest.mark.skipif(not is_placeholder(HOMEPAGE), reason="the publisher is known")
    def test_the_script_refuses_the_placeholder(self) -> None:
        done = doors.script(doors.REPOSITORY, Path("scripts/check_release.py"), "--publish", f"v{__version__}")
        assert done.returncode == 1
        assert f"error: surfacelint/system/version.py: HOMEPAGE is the placeholder {HOMEPAGE}: set it" in done.stderr

    @pytest.mark.parametrize(
        ("address", "expected"),
        [
            ("https://example.org/surfacelint", True),
            ("https://git.example.com/a/surfacelint", True),
            ("http://localhost:8000", True),
            ("https://surfacelint.invalid", True),
            ("surfacelint", True),
            ("https://github.com/example/surfacelint", False),
            ("https://an-example.org", False),
        ],
    )
    def test_placeholders(self, address: str, expected: bool) -> None:
        assert is_placeholder(address) == expected

    def test_notes_end_at_the_next_version(self) -> None:
        text = "## [Unreleased]\n\n## [1.0.0] - 2026-01-02\n\nNew.\n\n### Added\n\n- One.\n\n## [0.9.0] - 2025-01-01\n\nOld.\n\n[1.0.0]: https://a.test\n"
        assert release_notes(text, "1.0.0") == "New.\n\n### Added\n\n- One."
        assert release_notes(text, "0.9.0") == "Old."
        assert release_notes(text, "0.8.0") is None


class TestWorkflows:
    def test_actions_are_pinned(self) -> None:
        used = [line for path in WORKFLOWS for line in path.read_text(encoding="utf-8").splitlines() if re.match(r"[\s-]*uses:", line)]
        assert len(used) > 10
        for line in used:
            assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), line
        assert len({line.partition("@")[0].split()[-1] for line in used}) == len({line.split("uses: ")[1] for line in used})

    def test_schemas(self) -> None:
        assert valid("vendor.github-workflows", *WORKFLOWS[:-1])
        assert valid("vendor.dependabot", GITHUB / "dependabot.yml")

    @pytest.mark.skipif(os.name == "nt", reason="paths are compared")
    def test_zizmor_finds_nothing(self) -> None:
        command = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--quiet", str(GITHUB), str(doors.REPOSITORY / "action.yml")]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_only_one_job_may_publish_and_it_builds_nothing(self) -> None:
        jobs = yaml.safe_load((GITHUB / "workflows" / "release.yml").read_text(encoding="utf-8"))["jobs"]
        assert [name for name, job in jobs.items() if "id-token" in job["permissions"]] == ["publish"]
        assert not any("run" in step or "checkout" in step["uses"] for step in jobs["publish"]["steps"])
        assert set(jobs["publish"]["needs"]) == jobs.keys() - {"publish", "announce"}

    def test_every_supported_python_is_tried(self) -> None:
        jobs = yaml.safe_load((GITHUB / "workflows" / "release.yml").read_text(encoding="utf-8"))["jobs"]
        supported = re.findall(r"Python :: (3\.\d+)", (doors.REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
        assert jobs["try"]["strategy"]["matrix"]["python"] == supported


class TestIssueTemplates:
    def test_schemas(self) -> None:
        assert valid("vendor.github-issue-forms", *FORMS)
        assert valid("vendor.github-issue-config", GITHUB / "ISSUE_TEMPLATE" / "config.yml")

    def test_there_is_one_for_each_kind(self) -> None:
        assert [path.stem for path in FORMS] == ["crash", "false-alarm", "missed-workload", "wrong-fix"]

    @pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
    def test_each_asks_for_a_bug_report(self, form: Path) -> None:
        (asked,) = [field for field in yaml.safe_load(form.read_text(encoding="utf-8"))["body"] if field["id"] == "bug-report"]
        assert "`surfacelint --bug-report`" in asked["attributes"]["description"]
        assert asked["validations"] == {"required": True}
