"""Reviews of many repositories: nothing is lost, whatever dies, and nothing of a repository is run."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import hostile
import pytest
from doors import Sandbox, surfacelint
from forked_processes import CAN_FORK, ForkServer

from surfacelint.review.fleet.repository_list import read_list
from surfacelint.system.cloning import CloneError, fetch_commit, latest_commit, prepare_clone
from surfacelint.system.safe_reading import InputError

pytestmark = [
    pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed"),
    pytest.mark.skipif(not CAN_FORK, reason="the programs that stand in for git are written in shell, and the limits are those of Linux"),
]

JOB = """\
from openai import OpenAI

client = OpenAI()


def {}(texts):
    for text in texts:
        client.responses.create(model="gpt-4o-mini", input=text)
"""

SECRET = "s3cr3t%2Fword"


@cache
def _server() -> ForkServer:
    return ForkServer(("distributed",), dict(os.environ))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for repositories, in which the user has no git settings."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "2s")
    return tmp_path


def repository(place: Path, name: str, files: dict[str, str] | None = None) -> str:
    """Make a repository, or add a commit to it. Returns the commit."""
    folder = place / name
    folder.mkdir(exist_ok=True)
    for path, text in ({"job.py": JOB.format(name)} if files is None else files).items():
        (folder / path).write_text(text, encoding="utf-8")
    return Sandbox(place).commit(folder)


def fleet(place: Path, *lines: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Review what the lines list, and write the result to review.json."""
    (place / "list.txt").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    words = ("review", "--repositories", "list.txt", "--output-format", "json", "-o", "review.json", "--retry-pause", "0", *options)
    return _server().run(place, os.environ, ["-m", "surfacelint", *words])


def news(done: subprocess.CompletedProcess[str], kind: str) -> list[str]:
    """Return the names of repositories about which there is a line of a kind."""
    return sorted(re.findall(rf"^{kind}: (?:\d+ of \d+: )?(\S+?)(?: at |: )", done.stderr, re.MULTILINE))


def found(place: Path) -> dict[str, list[str]]:
    """Return the functions with workloads by repository."""
    review = json.loads((place / "review.json").read_text(encoding="utf-8"))
    return {name: [row["function"] for row in review["workloads"] if row["repository"] == name] for name in review["repositories"]}


def runs(pid: str) -> bool:
    """Whether a process exists that has not ended."""
    try:
        return "\nState:\tZ" not in Path("/proc", pid, "status").read_text(encoding="utf-8")
    except OSError:
        return False


def stand_in(place: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Have git run some shell code first."""
    monkeypatch.setenv("PATH", f"{hostile.stand_in(place / 'bin', program)}{os.pathsep}{os.environ['PATH']}")


def test_a_list_is_reviewed_merged_and_done_again_only_where_something_changed(place: Path) -> None:
    repository(place, "one")
    repository(place, "two")
    repository(place, "docs", {"README.md": "nothing"})
    repository(place, "own", {"job.py": JOB.format("own"), "old.py": JOB.format("old"), "surfacelint.toml": 'exclude = ["old.py"]\n'})
    repository(place, "bad", {"job.py": JOB.format("bad"), "new.py": "def (:\n"})
    (place / "surfacelint.toml").write_text("exclude = ['*.py']\n", encoding="utf-8")
    (place / "broken").mkdir()
    lines = ("# all of them", "one", "", "two org/second  # renamed", "docs", "own", "bad", "broken")
    done = fleet(place, *lines)
    assert done.returncode == 2
    assert found(place) == {"bad": ["bad"], "broken": [], "docs": [], "one": ["one"], "org/second": ["two"], "own": ["own"]}
    assert news(done, "reviewed") == ["bad", "docs", "one", "org/second", "own"]
    assert news(done, "retry") == ["broken", "broken"]
    assert news(done, "failed") == ["broken"]
    page = surfacelint(place, "review", "merge", "review.json", "--output-format", "markdown").stdout
    assert page.startswith("# LLM workloads of 6 repositories, ")
    assert "`org/second: job.py:8`" in page
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 2
    assert errors[0].startswith("error: bad: new.py:1: ")
    assert errors[1].startswith("error: broken: git fetch failed: ")

    kept = sorted(map(str, (place / "surfacelint-reviews").iterdir()))
    assert len(kept) == 5
    both = surfacelint(place, "review", "merge", *kept, "--output-format", "json", "-o", "merged.json")
    assert both.returncode == 2
    merged, whole = (json.loads((place / name).read_text(encoding="utf-8")) for name in ("merged.json", "review.json"))
    assert merged["workloads"] == whole["workloads"]

    repository(place, "two", {"job.py": JOB.format("changed")})
    Path(kept[2]).write_text("{", encoding="utf-8")
    again = fleet(place, *lines[:-1], options=("--since", "merged.json", "--fail-on-new"))
    assert again.returncode == 2
    assert news(again, "reviewed") == ["one", "org/second"]
    assert news(again, "unchanged") == ["bad", "docs", "own"]
    assert "new: job.py:8: new, and not on the right surface" in again.stderr
    assert found(place)["org/second"] == ["changed"]


def test_a_killed_run_does_only_what_is_missing(place: Path) -> None:
    names = [f"number{number}" for number in range(3)]
    for name in names:
        repository(place, name)
    (place / "list.txt").write_text("\n".join(names), encoding="utf-8")
    words = ("review", "--repositories", "list.txt", "--workers", "1", "--retry-pause", "0")
    with subprocess.Popen([sys.executable, "-m", "surfacelint", *words], cwd=place, stdout=-3, stderr=subprocess.PIPE) as first:
        assert first.stderr is not None
        assert b"1 of 3" in first.stderr.readline()
        first.kill()
    before = len(list((place / "surfacelint-reviews").iterdir()))
    assert 0 < before < 3
    done = fleet(place, *names)
    assert done.returncode == 0
    assert len(news(done, "unchanged")) == before
    assert len(news(done, "reviewed")) == 3 - before
    assert found(place) == {name: [name] for name in names}


def test_what_dies_or_hangs_is_tried_again_and_all_else_is_kept(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("fine", "dies", "hangs"):
        repository(place, name)
    program = f"""
case "$PWD $*" in *" fetch "*) case "$(cat .git/config)" in
    */dies*) [ -e {place}/died ] || {{ touch {place}/died; kill -9 $PPID; }};;
    */hangs*) echo $$ >> {place}/hanging; sleep 600;;
esac;; esac
"""
    stand_in(place, monkeypatch, program)
    began = time.monotonic()
    done = fleet(place, "hangs", "fine", "dies", options=("--repository-timeout", "6", "--workers", "3"))
    assert time.monotonic() - began < 120
    assert done.returncode == 2
    assert "retry: dies: its process was ended by SIGKILL; the limit for memory is" in done.stderr
    assert news(done, "retry").count("hangs") == 2
    assert "error: hangs: not done after 6 s; allow more with --repository-timeout" in done.stderr
    assert found(place) == {"dies": ["dies"], "fine": ["fine"], "hangs": []}
    hanging = (place / "hanging").read_text(encoding="utf-8").split()
    assert len(hanging) == 3
    assert not any(map(runs, hanging))


def test_memory_is_limited(place: Path) -> None:
    repository(place, "one")
    done = fleet(place, "one", options=("--repository-memory", "40"))
    assert done.returncode == 2
    assert re.search(r"^error: .*40 MB.*--repository-memory", done.stderr, re.MULTILINE)


@pytest.fixture
def scheduler(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A scheduler with two workers in processes of their own. The first fetch kills the worker that it is for."""
    killed = place / "killed"
    stand_in(
        place,
        monkeypatch,
        f"""case "$*" in *" fetch "*) mkdir {killed} 2>/dev/null && kill -9 $(ps -o ppid= -p $PPID | tee {killed}/pid);; esac""",
    )
    program = """
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0", silence_logs=50) as cluster:
        print(cluster.scheduler_address, flush=True)
        input()
"""
    (place / "cluster.py").write_text(program, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "cluster.py"], cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.communicate("\n", timeout=60)


def test_a_worker_that_dies_loses_nothing(place: Path, scheduler: str) -> None:
    names = ["one", "two"]
    for name in names:
        repository(place, name)
    done = fleet(place, *names, options=("--scheduler", scheduler))
    assert (place / "killed" / "pid").read_text(encoding="utf-8").strip().isdigit()
    assert (done.returncode, news(done, "reviewed")) == (0, names)
    assert found(place) == {name: [name] for name in names}


def test_nothing_of_a_repository_is_run_and_no_link_leads_out(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "outside.py").write_text(JOB.format("secret"), encoding="utf-8")
    repository(place, "inner")
    with hostile.alarm(place / "alarm") as alarm:
        repository(place, "evil", {"job.py": JOB.format("job"), ".gitattributes": "*.py filter=mine\n", ".lfsconfig": "[lfs]\n\turl = x\n"})
        folder = place / "evil"
        (folder / "leak.py").symlink_to(place / "outside.py")
        (folder / "up").symlink_to("..")
        (folder / "same.py").symlink_to("job.py")
        repository(place, "evil", {".gitmodules": f'[submodule "inner"]\n\tpath = inner\n\turl = {place}/inner\n'})
        with (folder / ".git" / "config").open("a", encoding="utf-8") as file:
            file.write(f"[uploadpack]\n\tpackObjectsHook = {alarm.program}\n[core]\n\tfsmonitor = {alarm.program}\n")
        hooks = place / "template" / "hooks"
        hooks.mkdir(parents=True)
        shutil.copy(alarm.program, hooks / "post-checkout")
        settings = place / "gitconfig"
        settings.write_text(
            f"[init]\n\ttemplateDir = {place}/template\n[core]\n\thooksPath = {hooks}\n"
            f'[filter "mine"]\n\tsmudge = {alarm.program}\n\trequired = true\n[url "ext::{alarm.program}"]\n\tinsteadOf = https://run\n',
            encoding="utf-8",
        )
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
        alarm.forget()
        done = fleet(place, "evil", "https://run/it", "ext::sh")
        assert "list.txt: line 3: names a transport helper of git, which is not allowed" in done.stderr
        done = fleet(place, "evil", "https://run/it")
        assert not alarm.rang
    assert news(done, "failed") == ["run/it"]
    assert "transport 'ext' not allowed" in done.stderr
    assert found(place)["evil"] == ["job", "job"]  # same.py is a link inside


def test_no_password_is_told(place: Path) -> None:
    addresses = (
        f"https://user:{SECRET}@127.0.0.1:1/org/one",
        "https://tok3n@127.0.0.1:1/org/two?key=qu3ry",
        f"ssh://u:{SECRET}@127.0.0.1:1/x/y",
    )
    done = fleet(place, *addresses, options=("--output-format", "html", "-o", "review.html"))
    assert news(done, "failed") == ["org/one", "org/two", "x/y"]
    told = done.stderr + (place / "review.html").read_text(encoding="utf-8")
    for secret in (SECRET, "s3cr3t/word", "tok3n", "qu3ry"):
        assert secret not in told
    assert not list((place / "surfacelint-reviews").iterdir())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--scheduler", "nonsense"), "'nonsense' is not the address of a scheduler such as tcp://host:8786"),
        (("--scheduler", "tcp://127.0.0.1:1"), "tcp://127.0.0.1:1: no scheduler answers: "),
        (("--scheduler", "tcp://127.0.0.1:1", "--workers", "2"), "--scheduler does not go together with --workers"),
        (("--usage", "costs.csv"), "--usage does not go together with --repositories"),
        (("--config", "mine.toml"), "--repositories does not go together with --config mine.toml: pass settings as KEY=VALUE"),
        (("--config", "min-items=-1"), "'min-items' must be an integer of 0 or more"),
        (("--results", "list.txt"), "list.txt: cannot be a folder for results: "),
        (("one",), "--repositories does not go together with the path one"),
    ],
)
def test_wrong_options_take_one_line(place: Path, options: tuple[str, ...], said: str) -> None:
    done = fleet(place, "one", options=options)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert said in done.stderr


def test_options_without_a_list(place: Path) -> None:
    done = surfacelint(place, "review", "--workers", "2")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: --workers needs --repositories: ")


def test_the_extra_is_named(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "without").mkdir()
    (place / "without" / "dask.py").write_text("raise ImportError('no dask')\n", encoding="utf-8")
    (place / "list.txt").write_text("one\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(place / "without"))
    done = surfacelint(place, "review", "--repositories", "list.txt")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "needs the extra `fleet`: pip install 'surfacelint[fleet]'" in done.stderr


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "lists no repositories"),
        ("# nothing\n", "lists no repositories"),
        ("a\nb\n/c/a\n", "line 3: named 'a' as in line 1; add another name"),
        ("a b c\n", "line 1: has more than an address and a name"),
        ("--upload-pack=x\n", "line 1: is not an address"),
        ("ftp://host/a/b\n", "line 1: is not a URL"),
        ("https://user:pass/xyz@host/a/b\n", "line 1: "),
        ("https:///a/b\n", "line 1: names no host"),
        ("a@-x\n", "line 1: has no valid revision"),
        ("a@b..c\n", "line 1: has no valid revision"),
        ("/\n", "line 1: has no name"),
    ],
)
def test_bad_lists(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "list.txt").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        read_list(tmp_path / "list.txt")
    assert str(error.value).startswith(problem)
    assert "xyz" not in str(error.value)


def test_what_a_line_says(tmp_path: Path) -> None:
    lines = {
        "https://host/owner/name.git": ("https://host/owner/name.git", "", "owner/name"),
        "https://a:b@host:8443/owner/other@feature/x": ("https://host:8443/owner/other", "feature/x", "owner/other"),
        "git@host:owner/third.git@v1.0 mine # c": ("git@host:owner/third.git", "v1.0", "mine"),
        '"with space"': (str(tmp_path / "with space"), "", "with space"),
        "../up/bare.git@main": (str(tmp_path.parent / "up" / "bare.git"), "main", "bare"),
        "file:///srv/four": ("file:///srv/four", "", "four"),
    }
    (tmp_path / "list.txt").write_text("\n".join(lines), encoding="utf-8")
    assert [(each.visible, each.revision, each.name) for each in read_list(tmp_path / "list.txt")] == list(lines.values())


def test_branches_tags_and_commits(place: Path) -> None:
    first = repository(place, "one")
    sandbox = Sandbox(place)
    sandbox.run(place / "one", "git", "tag", "-a", "v1", "-m", "x")
    sandbox.run(place / "one", "git", "branch", "old/er")
    latest = repository(place, "one", {"job.py": JOB.format("newer")})
    address = str(place / "one")
    for revision, commit in (("v1", first), ("old/er", first), (first, first), ("", latest)):
        clone = place / f"clone of {revision[:3]}"
        prepare_clone(clone, address)
        assert latest_commit(clone, revision, address) == ("" if revision == first else commit)
        assert fetch_commit(clone, revision, address) == commit
        assert ("newer" in (clone / "job.py").read_text(encoding="utf-8")) == (commit == latest)
    with pytest.raises(CloneError, match="git fetch failed: "):
        fetch_commit(clone, "gone", address)


def test_a_scheduler_that_is_gone_ends_the_run(place: Path) -> None:
    program = """
import os, time
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0", silence_logs=50)
    print(cluster.scheduler_address, flush=True)
    while not cluster.scheduler.tasks:
        time.sleep(0.05)
    os._exit(1)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=place, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as scheduler:
        assert scheduler.stdout is not None
        address = scheduler.stdout.readline().strip()
        done = fleet(place, "one", options=("--scheduler", address))
    assert done.returncode == 2
    assert done.stderr == (
        f"error: {address}: the connection to the scheduler is lost; "
        "0 finished, and kept in surfacelint-reviews: run the same command again for the rest\n"
    )


def test_an_interrupted_run_says_how_to_go_on(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository(place, "slow")
    stand_in(place, monkeypatch, f"""case "$*" in *" fetch "*) echo $$ > {place}/pid; sleep 600;; esac""")
    (place / "list.txt").write_text("slow\n", encoding="utf-8")
    words = [sys.executable, "-m", "surfacelint", "review", "--repositories", "list.txt"]
    with subprocess.Popen(words, cwd=place, stderr=subprocess.PIPE, text=True) as running:
        while not (place / "pid").exists() or not (place / "pid").read_text(encoding="utf-8"):
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        assert running.stderr is not None
        told = running.stderr.read()
    assert (running.returncode, told) == (
        2,
        "error: interrupted; 0 finished, and kept in surfacelint-reviews: run the same command again for the rest\n",
    )
    assert not runs((place / "pid").read_text(encoding="utf-8").strip())
