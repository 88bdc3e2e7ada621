"""Repositories that want a program of their own to be run, or the network to be used, by whoever asks git about them."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import doors

GIT = shutil.which("git") or "git"

JOB = """\
from openai import OpenAI
client = OpenAI()
def label(rows):
    for row in rows:
        client.responses.create(model="gpt-5", input=row)
"""
FOUND = "job.py:5:9 SRF101"

LIST = ("ls-files", "-co", "--exclude-standard")


@dataclass
class Alarm:
    """A program and a server that note that they were reached."""

    folder: Path
    url: str
    requests: list[str] = field(default_factory=list)

    @property
    def program(self) -> Path:
        """A program that does nothing but to say that it ran."""
        path = self.folder / "alarm.sh"
        if not path.exists():
            path.write_text(f'#!/bin/sh\necho "$0 $*" >> {self.marker}\nexit 1\n', encoding="utf-8")
            path.chmod(0o755)
        return path

    @property
    def marker(self) -> Path:
        """Where the program says so."""
        return self.folder / "ran"

    @property
    def rang(self) -> bool:
        """Whether the program ran or the server was asked."""
        return self.marker.exists() or bool(self.requests)

    def forget(self) -> None:
        """Begin anew."""
        self.marker.unlink(missing_ok=True)
        self.requests.clear()


@contextmanager
def alarm(folder: Path) -> Iterator[Alarm]:
    """Have a server on the loopback interface that wants a password, and a program beside it."""
    folder.mkdir()
    made = Alarm(folder, "")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.requests.append(self.path)
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}/x"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


@dataclass
class Repository:
    """A repository with a job that there is something to say about."""

    folder: Path
    sandbox: doors.Sandbox
    alarm: Alarm

    def git(self, *arguments: str, at: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run git as anybody would, with no thought of what the repository may be."""
        command = [GIT, "-c", "user.name=a", "-c", "user.email=a@example.org", *arguments]
        return subprocess.run(
            command, cwd=at or self.folder, env=self.sandbox.environment, capture_output=True, encoding="utf-8", check=False
        )

    def set(self, **settings: object) -> None:
        """Write into the settings of the repository; `__` stands for a dot."""
        for name, value in settings.items():
            assert self.git("config", name.replace("__", "."), str(value)).returncode == 0

    def promise(self, url: str) -> None:
        """Let something be missing that git needs to list what there is, and that is said to be had at `url`."""
        (self.folder / "x" / "y").mkdir(parents=True)
        (self.folder / "x" / "y" / "a.py").write_text("a = 1\n", encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-qm", "a")
        tree = self.git("rev-parse", "HEAD:x").stdout.strip()
        self.git("sparse-checkout", "init", "--cone", "--sparse-index")
        self.set(remote__origin__url=url, remote__origin__promisor="true", core__repositoryformatversion=1)
        self.set(extensions__partialClone="origin", protocol__allow="always", protocol__ext__allow="always")
        (self.folder / ".git" / "objects" / tree[:2] / tree[2:]).unlink()


Way = Callable[[Repository], tuple[str, ...]]
"""What makes a repository hostile, and returns the command of git that runs its program where git takes no care."""


def ext(there: Repository) -> tuple[str, ...]:
    there.promise(f"ext::{there.alarm.program}")
    return LIST


def ssh_command(there: Repository) -> tuple[str, ...]:
    there.promise("ssh://localhost/x")
    there.set(core__sshCommand=there.alarm.program)
    return LIST


def upload_pack(there: Repository) -> tuple[str, ...]:
    there.promise(str(there.folder))
    there.set(remote__origin__uploadpack=there.alarm.program)
    return LIST


def git_proxy(there: Repository) -> tuple[str, ...]:
    there.promise("git://localhost/x")
    there.set(core__gitProxy=there.alarm.program)
    return LIST


def http(there: Repository) -> tuple[str, ...]:
    there.promise(there.alarm.url)
    return LIST


def credentials(there: Repository) -> tuple[str, ...]:
    there.promise(there.alarm.url)
    there.set(credential__helper=f"!{there.alarm.program}")
    return LIST


def ask_pass(there: Repository) -> tuple[str, ...]:
    there.promise(there.alarm.url)
    there.set(core__askPass=there.alarm.program)
    return LIST


def bundle(there: Repository) -> tuple[str, ...]:
    there.promise(str(there.folder / "nowhere"))
    there.set(fetch__bundleURI=there.alarm.url)
    return LIST


def included(there: Repository) -> tuple[str, ...]:
    there.promise("ssh://localhost/x")
    (there.folder / "settings").write_text(f"[core]\n\tsshCommand = {there.alarm.program}\n", encoding="utf-8")
    there.set(include__path="../settings")
    return LIST


def monitor(there: Repository) -> tuple[str, ...]:
    there.set(core__fsmonitor=there.alarm.program)
    return LIST


def hook(there: Repository) -> tuple[str, ...]:
    (there.folder / ".git" / "hooks").mkdir(exist_ok=True)
    shutil.copy(there.alarm.program, there.folder / ".git" / "hooks" / "post-index-change")
    there.git("add", "-A")
    os.utime(there.folder / "job.py", (1, 1))
    return ("update-index", "--refresh")


def hooks_elsewhere(there: Repository) -> tuple[str, ...]:
    command = hook(there)
    (there.folder / ".git" / "hooks").rename(there.folder / "tools")
    there.set(core__hooksPath="tools")
    return command


def hook_of_settings(there: Repository) -> tuple[str, ...]:
    there.set(hook__mine__command=there.alarm.program, hook__mine__event="post-index-change")
    there.git("add", "-A")
    os.utime(there.folder / "job.py", (1, 1))
    return ("update-index", "--refresh")


def clean_filter(there: Repository) -> tuple[str, ...]:
    (there.folder / ".gitattributes").write_text("*.py filter=mine\n", encoding="utf-8")
    there.set(filter__mine__clean=there.alarm.program)
    return ("hash-object", "job.py")


def process_filter(there: Repository) -> tuple[str, ...]:
    (there.folder / ".gitattributes").write_text("*.py filter=mine\n", encoding="utf-8")
    there.set(filter__mine__process=there.alarm.program)
    return ("hash-object", "job.py")


def external_diff(there: Repository) -> tuple[str, ...]:
    there.git("add", "-A")
    there.set(diff__external=there.alarm.program)
    with (there.folder / "job.py").open("a", encoding="utf-8") as file:
        file.write("# more\n")
    return ("diff",)


def text_conversion(there: Repository) -> tuple[str, ...]:
    there.git("add", "-A")
    (there.folder / ".gitattributes").write_text("*.py diff=mine\n", encoding="utf-8")
    there.set(diff__mine__textconv=there.alarm.program)
    with (there.folder / "job.py").open("a", encoding="utf-8") as file:
        file.write("# more\n")
    return ("diff",)


def alias(there: Repository) -> tuple[str, ...]:
    for name in ("ls-files", "check-ignore", "mine"):
        there.git("config", f"alias.{name}", f"!{there.alarm.program}")
    return ("mine",)


WAYS: dict[str, Way] = {
    way.__name__: way
    for way in (
        *(ext, ssh_command, upload_pack, git_proxy, http, credentials, ask_pass, bundle, included),
        *(monitor, hook, hooks_elsewhere, hook_of_settings, clean_filter, process_filter, external_diff, text_conversion, alias),
    )
}


def bare_inside(there: Repository) -> Path:
    """Commit a folder that looks like a bare repository, with settings and a work tree, and return that folder of an ordinary clone."""
    inner = Repository(there.folder / "sub", there.sandbox, there.alarm)
    inner.folder.mkdir()
    inner.git("init", "-q", ".")
    (inner.folder / "job.py").write_text(JOB, encoding="utf-8")
    inner.promise(f"ext::{there.alarm.program}")
    inner.set(core__worktree=".", core__bare="false")
    for place in (inner.folder / ".git").iterdir():
        if place.name not in ("hooks", "logs"):
            place.rename(inner.folder / place.name)
    shutil.rmtree(inner.folder / ".git")
    if (inner.folder / "config.worktree").exists():
        with (inner.folder / "config").open("a", encoding="utf-8") as file:
            file.write((inner.folder / "config.worktree").read_text(encoding="utf-8"))
    text = (inner.folder / "config").read_text(encoding="utf-8").replace("worktreeConfig = true", "")
    (inner.folder / "config").write_text(text, encoding="utf-8")
    for kept in ("refs", "refs/heads", "objects"):
        (inner.folder / kept / ".keep").touch()
    assert there.git("add", "-A", "-f").returncode == 0
    assert there.git("commit", "-qm", "a").returncode == 0
    there.git("clone", "-q", str(there.folder), str(there.folder.parent / "clone"))
    return there.folder.parent / "clone" / "sub"


def write_index(repository: Path, paths: Iterable[str], gitlinks: Iterable[str] = ()) -> None:
    """Write an index with entries that git itself would never put there."""
    entries = b""
    listed = sorted([*((path.encode(), 0o100644) for path in paths), *((path.encode(), 0o160000) for path in gitlinks)])
    for name, mode in listed:
        entry = (
            struct.pack(">6I", 0, 0, 0, 0, 0, 0)
            + struct.pack(">4I", mode, 0, 0, 0)
            + b"\1" * 20
            + struct.pack(">H", min(len(name), 0xFFF))
            + name
        )
        entries += entry + b"\0" * (8 - len(entry) % 8)
    data = b"DIRC" + struct.pack(">2I", 2, len(listed)) + entries
    (repository / ".git" / "index").write_bytes(data + hashlib.sha1(data).digest())


def stand_in(folder: Path, lines: str = "", starting: str = "exec") -> Path:
    """Put a program called git into a folder, which runs some lines of shell and then git itself."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "git"
    path.write_text(f'#!/bin/sh\n{lines}\n{starting} {GIT} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return folder
