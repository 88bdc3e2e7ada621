"""Files around a review: identities, owners, the volume file, and the formats that are written."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from doors import surfacelint
from test_review import reviewed, write

from surfacelint.review.code_owners import CodeOwners
from surfacelint.review.repository_names import repository_name

HEAD = "from openai import OpenAI\n\nclient = OpenAI()\n"
LOOP = """

def {name}(texts):
    for text in texts:
        client.responses.create(model="gpt-4o-mini", input=text)
"""


def ids(folder: Path) -> dict[tuple[str, str, int], str]:
    """Return the identities of a review by path, function and row."""
    rows = reviewed(folder)["workloads"]
    found = {(row["place"]["path"], row["function"], row["place"]["row"]): row["id"] for row in rows}
    assert len(set(found.values())) == len(rows) == len(found)
    return found


def test_identities_survive_moved_lines_renamed_files_and_new_workloads_below(tmp_path: Path) -> None:
    write(tmp_path, {"one.py": HEAD + LOOP.format(name="first")})
    (before,) = ids(tmp_path).values()
    write(tmp_path, {"one.py": HEAD + "\n\n# moved\n\n" + LOOP.format(name="first") + LOOP.format(name="second")})
    assert {function: id_ for (_, function, _), id_ in ids(tmp_path).items()}["first"] == before
    (tmp_path / "package").mkdir()
    (tmp_path / "one.py").rename(tmp_path / "package" / "other.py")
    assert {function: id_ for (_, function, _), id_ in ids(tmp_path).items()}["first"] == before


def test_equal_calls_have_different_identities_that_follow_renamed_files(tmp_path: Path) -> None:
    one, two, three = (LOOP.format(name="main").replace("input=text", f"input=text + '{sign}'") for sign in "?!.")
    twice = three + three.rpartition("\n    for ")[2].join(("    for ", ""))
    write(tmp_path, {"a.py": HEAD + one, "b.py": HEAD + two, "c.py": HEAD + twice})
    before = {(path, row): id_ for (path, _, row), id_ in ids(tmp_path).items()}
    assert len(before) == 4
    moved = {path: f"{'zyx'['abc'.index(path[0])]}.py" for path, _ in before}
    for old, new in moved.items():
        (tmp_path / old).rename(tmp_path / f"new_{new}")
    after = {(path.removeprefix("new_"), row): id_ for (path, _, row), id_ in ids(tmp_path).items()}
    assert all(after[moved[path], row] == id_ for (path, row), id_ in before.items())


@pytest.mark.parametrize(
    ("pattern", "owned", "other"),
    [
        ("*", ["a.py", "x/y.py"], []),
        ("*.py", ["a.py", "x/a.py"], ["a.pyi"]),
        ("/build/logs/", ["build/logs/a", "build/logs/b/c"], ["x/build/logs/a"]),
        ("docs/*", ["docs/a.py"], ["docs/b/a.py", "x/docs/a.py"]),
        ("apps/", ["apps/a.py", "x/apps/y/z.py"], ["apps.py"]),
        ("**/logs", ["logs/a", "build/logs/x"], ["logsx/a"]),
        ("/apps/github", ["apps/github", "apps/github/x"], ["apps/githubx"]),
        ("a/**/b", ["a/b", "a/x/y/b/c"], ["ab"]),
        ("my\\ jobs/", ["my jobs/a.py"], ["my/a.py"]),
        ("/*", ["a.py"], ["a/b.py"]),
        ("a\\*b\\!.py", ["a*b!.py"], ["acb!.py"]),
        ("/", [], ["a.py"]),
        ("!a.py", [], ["a.py"]),
        ("[ab].py", [], ["a.py"]),
    ],
)
def test_patterns_of_codeowners(pattern: str, owned: list[str], other: list[str]) -> None:
    owners = CodeOwners(f"{pattern} @org/team  # a comment\n")
    assert [owners.owners(path) for path in owned] == [("@org/team",)] * len(owned)
    assert [owners.owners(path) for path in other] == [()] * len(other)


def test_hostile_patterns_take_no_time() -> None:
    owners = CodeOwners("\n".join(["/" + "**/a*a*a*a*b/" * 200 + " @org/team"] * 50))
    assert owners.owners("/".join(["a" * 30] * 100)) == ()


def test_the_last_pattern_wins_and_may_leave_files_without_an_owner() -> None:
    owners = CodeOwners("* @all\n/jobs/ @jobs mail@example.org\n/jobs/old/\n/jobs/bad nobody\n")
    assert [owners.owners(path) for path in ("a.py", "jobs/a.py", "jobs/old/a.py", "jobs/bad")] == [
        ("@all",),
        ("@jobs", "mail@example.org"),
        (),
        ("@jobs", "mail@example.org"),
    ]


def test_owners_come_from_the_first_of_the_three_places(tmp_path: Path) -> None:
    write(tmp_path, {"src/job.py": HEAD + LOOP.format(name="main"), "docs/CODEOWNERS": "* @docs\n", "CODEOWNERS": "* @root\n"})
    assert reviewed(tmp_path)["workloads"][0]["owners"] == ["@root"]
    write(tmp_path, {".github/CODEOWNERS": "*.txt @github\n"})
    assert reviewed(tmp_path)["workloads"][0]["owners"] == []


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://user:secret@git.example.org/team/shop.git", "team/shop"),
        ("git@git.example.org:team/shop.git", "team/shop"),
        ("ssh://git@git.example.org:22/group/team/shop", "team/shop"),
        ("/srv/git/shop.git", "folder"),
    ],
)
def test_names_of_repositories_hold_no_hosts_and_secrets(tmp_path: Path, url: str, name: str) -> None:
    folder = tmp_path / "folder"
    write(folder, {".git/config": f'[core]\n\tbare = false\n[remote "origin"]\n\turl = {url}\n[branch "main"]\n\tremote = origin\n'})
    assert repository_name(folder) == name


def test_the_volume_file_is_created_and_extended_without_losing_anything(tmp_path: Path) -> None:
    write(tmp_path, {"one.py": HEAD + LOOP.format(name="first")})
    done = surfacelint(tmp_path, "review", "--no-cache", "--write-volumes")
    assert (done.returncode, done.stderr) == (0, "volumes: added 1 workload to surfacelint-volumes.toml, which had 0\n")
    place = tmp_path / "surfacelint-volumes.toml"
    (id_,) = ids(tmp_path).values()
    created = place.read_text(encoding="utf-8")
    assert f"[workloads.{id_}]\n# `client.responses.create` in `first`, one.py:8: once per item of `texts`" in created
    written = created.replace("# items = \n", "items = 5_000 # counted in May\nnote = 'Ünïcode'\n")
    place.write_text(written, encoding="utf-8")
    write(tmp_path, {"two.py": HEAD + LOOP.format(name="second")})
    done = surfacelint(tmp_path, "review", "--no-cache", "--write-volumes")
    assert done.stderr == "volumes: added 1 workload to surfacelint-volumes.toml, which had 1\n"
    assert place.read_text(encoding="utf-8").startswith(written)
    assert surfacelint(tmp_path, "review", "--no-cache", "--write-volumes").stderr.startswith("volumes: added 0 workloads")
    calls = {row["function"]: row["volume"]["calls_per_run"] for row in reviewed(tmp_path)["workloads"]}
    assert calls == {"first": 5_000, "second": None}
    (tmp_path / "one.py").unlink()
    assert f"there is no workload {id_}: it was removed" in surfacelint(tmp_path, "review", "--no-cache").stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[workloads.abc]\nitems = 'many'\n", "surfacelint-volumes.toml:2: 'items' must be a number of at least 0, not 'many'"),
        ("[workloads.abc]\nitmes = 5\n", "surfacelint-volumes.toml:2: unknown key 'itmes'; did you mean 'items'?"),
        ("[workloads.abc]\nvolume = 5\n", "surfacelint-volumes.toml:2: 'volume' must be a number per hour, day"),
        ("[workloads.abc]\nreviewed = '2026'\n", "surfacelint-volumes.toml:2: 'reviewed' must be a date without quotes"),
        ("[workload.abc]\n", "surfacelint-volumes.toml:1: unknown key 'workload'; did you mean 'workloads'?"),
        ("[workloads\n", "surfacelint-volumes.toml: not valid TOML"),
    ],
)
def test_a_bad_volume_file_is_one_line_and_stays_as_it_is(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path, {"one.py": HEAD + LOOP.format(name="first"), "surfacelint-volumes.toml": text})
    done = surfacelint(tmp_path, "review", "--no-cache", "--write-volumes")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {said}")
    assert done.stderr.count("\n") == 1
    assert (tmp_path / "surfacelint-volumes.toml").read_text(encoding="utf-8") == text


def test_a_missing_volume_file_that_is_named_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"one.py": HEAD})
    done = surfacelint(tmp_path, "review", "--volumes", "nowhere.toml")
    assert (done.returncode, done.stderr.startswith("error: nowhere.toml: cannot be read")) == (2, True)


HOSTILE = """

def main(texts):
    for text in texts:  # surfacelint: volume=9/day
        client.responses.create(model="=HYPERLINK(1)|<b>@someone", input=text)
"""


def formatted(folder: Path, name: str) -> str:
    done = surfacelint(folder, "review", "--no-cache", "--output-format", name)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(
        tmp_path_factory.mktemp("hostile"), {"=x.py": HEAD + HOSTILE, "a/rather/long/path/that/has/to/be/cut/job.py": HEAD + HOSTILE}
    )


def test_csv_has_no_formulas(hostile: Path) -> None:
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(formatted(hostile, "csv"))))
    assert [row["path"] for row in rows] == ["'=x.py", "a/rather/long/path/that/has/to/be/cut/job.py"]
    assert {row["models"] for row in rows} == {"'=HYPERLINK(1)|<b>@someone"}
    assert {(row["verdict"], row["calls_per_month"], row["batch_price_ratio"]) for row in rows} == {("not worth it", "270", "0.5")}


def test_the_table_fits_a_hundred_columns(hostile: Path) -> None:
    text = formatted(hostile, "table")
    assert max(map(len, text.splitlines())) <= 100
    assert "not worth it (2)" in text
    assert "…" in text


def test_markdown_escapes_what_code_names(hostile: Path) -> None:
    text = formatted(hostile, "markdown")
    assert "| `=x.py:8` |  | =HYPERLINK(1)\\|\\<b\\>@\u200bsomeone |" in text
    assert "<b>" not in text


def test_a_review_can_be_written_to_a_file(hostile: Path) -> None:
    place = hostile / "review.md"
    done = surfacelint(hostile, "review", "--no-cache", "--output-format", "markdown", "--output-file", str(place))
    assert (done.returncode, done.stdout) == (0, "")
    assert place.read_text(encoding="utf-8").startswith("# LLM workloads of ")


def test_without_workloads_all_formats_say_so(tmp_path: Path) -> None:
    write(tmp_path, {"plain.py": "print(1)\n"})
    assert formatted(tmp_path, "table").startswith("0 workloads.\n")
    assert formatted(tmp_path, "csv").startswith("repository,id,path,")
    assert "0 workloads." in formatted(tmp_path, "markdown")


def test_a_missing_path_is_an_error(tmp_path: Path) -> None:
    done = surfacelint(tmp_path, "review", "nowhere")
    assert done.returncode == 2
    assert "nowhere" in done.stderr


def test_a_cached_review_sees_what_changed(tmp_path: Path) -> None:
    write(tmp_path, {"one.py": HEAD + LOOP.format(name="first")})

    def row() -> dict[str, Any]:
        done = surfacelint(tmp_path, "review", "--output-format", "json", "--cache-dir", "cache")
        assert done.returncode == 0, done.stderr
        (found,) = json.loads(done.stdout)["workloads"]
        assert isinstance(found, dict)
        return found

    first = row()
    assert row() == first
    write(tmp_path, {"surfacelint-volumes.toml": f"[workloads.{first['id']}]\nitems = 7\n", "CODEOWNERS": "* @me\n"})
    second = row()
    assert (second["volume"]["calls_per_run"], second["owners"]) == (7, ["@me"])
    write(tmp_path, {"one.py": HEAD + LOOP.format(name="first").replace("gpt-4o-mini", "gpt-4o")})
    assert row()["models"] == ["gpt-4o"]


@pytest.mark.parametrize("number", ["inf", "nan", "-1", "many"])
def test_a_bad_number_is_an_error(tmp_path: Path, number: str) -> None:
    done = surfacelint(tmp_path, "review", f"--items={number}")
    assert (done.returncode, done.stderr.startswith("error: Invalid value for '--items'")) == (2, True)


def test_paths_in_two_projects_are_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write(tmp_path, {f"{name}/pyproject.toml": "", f"{name}/job.py": HEAD, f"{name}/.git/HEAD": "ref: refs/heads/main\n"})
    done = surfacelint(tmp_path, "review", "one", "two")
    assert (done.returncode, done.stderr.startswith("error: the paths belong to several projects")) == (2, True)
