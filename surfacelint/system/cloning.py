"""Clones one commit of a repository into a new folder. Nothing that the repository contains or configures is run.

- Only the commit itself is fetched: no history, no tags, no submodules.
- The address is written to the settings of the new repository, so that passwords in it do not appear in lists of processes.
- The user's own git settings apply while git fetches, because credentials and proxies are there. They do not apply while it writes
  the files: so no filter such as that of Git LFS runs, and its files stay pointers. There are no hooks.
- A repository on this machine is read by a git that may use no transport, so what its settings name has no effect.
- Links that lead out of the clone are removed.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from surfacelint.system.git import environment, git_program

TRANSPORTS = "file:git:http:https:ssh"
"""The transports that git may use. Others can run programs, as `ext::` does."""

_SETTINGS = (
    "core.fsmonitor=",
    "core.useBuiltinFSMonitor=",
    f"core.hooksPath={os.devnull}",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "fetch.bundleURI=",
    "gc.auto=0",
    "maintenance.auto=false",
    "core.longpaths=true",
    # Git maps whole packs otherwise, which a limit for memory would count.
    "core.packedGitWindowSize=32m",
    "core.packedGitLimit=256m",
)

# How the user's own git reaches a server.
_KEPT = frozenset(
    {"GIT_ASKPASS", "GIT_PROXY_SSL_CAINFO", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH"}
)

_UPLOADING = "--upload-pack=GIT_ALLOW_PROTOCOL=none git upload-pack"
"""Starts the git that reads a repository on this machine. It must not fetch anything itself: older versions do for partial clones."""

_REMOTE = "origin"


class CloneError(Exception):
    """Git could not do its part. The text is one sentence, and may contain the address."""


def prepare_clone(folder: Path, address: str) -> None:
    """Create an empty repository at a path where there is nothing, with the remote at `address`. Raises CloneError."""
    _run(folder.parent, "init", "--quiet", "--template=", "--", str(folder))
    quoted = address.replace("\\", "\\\\").replace('"', '\\"')
    with (folder / ".git" / "config").open("a", encoding="utf-8") as file:
        file.write(f'[remote "{_REMOTE}"]\n\turl = "{quoted}"\n')


def latest_commit(folder: Path, revision: str, address: str) -> str:
    """Return the commit that a revision of the remote names now, empty if that cannot be told. Raises CloneError."""
    name = revision or "HEAD"
    found = _run(folder, "ls-remote", *_uploading(address), _REMOTE, name, f"{name}^{{}}").decode("utf-8", "replace")
    commits = {reference: commit for commit, _, reference in (line.partition("\t") for line in found.splitlines())}
    candidates = (f"refs/tags/{name}^{{}}", name, f"refs/{name}", f"refs/tags/{name}", f"refs/heads/{name}")
    return next((commits[each] for each in candidates if each in commits), "")


def fetch_commit(folder: Path, revision: str, address: str) -> str:
    """Fetch the commit that a revision of the remote names, write its files, and return it. Raises CloneError."""
    options = ("--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules")
    _run(folder, "fetch", *options, *_uploading(address), _REMOTE, revision or "HEAD")
    commit = _run(folder, "rev-parse", "--verify", "FETCH_HEAD^{commit}").decode("ascii").strip()
    _run(folder, "checkout", "--quiet", "--force", "--detach", commit, "--", writing=True)
    _remove_outer_links(folder)
    return commit


def _uploading(address: str) -> tuple[str, ...]:
    """Return the option for a repository on this machine. Git on a server is not started by a shell."""
    return (_UPLOADING,) if address.startswith("file://") or Path(address).is_absolute() else ()


def _run(folder: Path, *arguments: str, writing: bool = False) -> bytes:
    """Run git in a folder, and return its output. Raises CloneError."""
    program = git_program()
    if program is None:
        raise CloneError("git is not installed")
    variables = {**environment(TRANSPORTS, _KEPT), "GIT_LFS_SKIP_SMUDGE": "1", "LC_ALL": "C"}
    if writing:
        nothing = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        variables = {name: value for name, value in variables.items() if not name.startswith("GIT_CONFIG_")} | nothing
    command = [program, "--no-pager", *(word for setting in _SETTINGS for word in ("-c", setting)), *arguments]
    try:
        done = subprocess.run(command, cwd=folder, env=variables, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except (OSError, ValueError) as error:
        raise CloneError(f"git cannot be run: {error}") from None
    if done.returncode:
        raise CloneError(_problem(done.stderr.decode("utf-8", "replace"), arguments[0], done.returncode))
    return done.stdout


def _problem(words: str, command: str, status: int) -> str:
    """Return why git failed: its first line that says so."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    fatal = next((line for line in lines if line.startswith(("fatal: ", "error: "))), lines[-1] if lines else f"it ended with {status}")
    return f"git {command} failed: {fatal.removeprefix('fatal: ').removeprefix('error: ')}"


def _remove_outer_links(folder: Path) -> None:
    """Remove all links below a folder that lead out of it."""
    top = os.path.realpath(folder)
    for place, directories, files in os.walk(top):
        for name in (*directories, *files):
            path = Path(place, name)
            if path.is_symlink() and not _is_inside(os.path.realpath(path), top):
                path.unlink()


def _is_inside(path: str, top: str) -> bool:
    return path == top or path.startswith(top + os.sep)
