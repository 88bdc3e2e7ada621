"""Runs git safely: lists the files below a directory, tells whether git ignores a directory, and reads commits. No other module starts git.

A repository may be hostile, so git must not run its programs, use the network, or hang:

- Missing objects are not fetched, and all transports are disabled. So settings of transports (`core.sshCommand`,
  `remote.*.uploadpack`, proxies, credential helpers, `ext::`) have no effect.
- Git starts at the top of a work tree, where it looks at `.git` first. A folder below that looks like a bare repository with
  its own settings has no effect.
- The commands do not compare contents or write, so they run no filters, external diffs or hooks.
- If git does not answer in time, it is killed and counts as failing.

The output of git is no more trustworthy than the repository.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # `typing` would take longer to import than this module.

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence

PATIENCE = 30.0
"""The total seconds that a process waits for git to answer. It may hang, for example on reading from a pipe."""

_PROGRAM = "git.exe" if os.name == "nt" else "git"

# Settings on the command line override earlier ones and those of files.
_SETTINGS = (
    # Not `false`, which git before 2.36 takes for the name of a program.
    "core.fsmonitor=",
    "core.useBuiltinFSMonitor=",
    f"core.hooksPath={os.devnull}",
    "hook.post-index-change.enabled=false",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
    # Git up to 2.45 fetches this before it checks which transports are allowed.
    "fetch.bundleURI=",
    "core.sshCommand=",
    "core.gitProxy=",
    "core.askPass=",
    "credential.helper=",
)

# Variables for the user's own git settings. Others are removed: hooks run with variables that point git to another directory,
# or that name programs.
_KEPT = frozenset(
    {
        "GIT_CEILING_DIRECTORIES",
        "GIT_CONFIG_COUNT",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_SYSTEM",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        "GIT_EXEC_PATH",
    }
)
_KEPT_STARTS = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")

_waited = [0.0]
"""Seconds that this process has waited for git without an answer."""


def work_tree(directory: str) -> tuple[str, str] | None:
    """Return the top of the work tree that contains an absolute directory, and the path from the top down, with forward slashes.

    The top is the nearest directory with `.git`. Links are resolved. Returns `None` outside a work tree and inside `.git`.
    """
    real = _real(directory)
    top = real
    while not os.path.lexists(f"{top}{os.sep}.git"):
        above = os.path.dirname(top)  # noqa: PTH120 - pathlib would take longer to import than this module
        if above == top:
            return None
        top = above
    below = real[len(top) :].strip(os.sep).replace(os.sep, "/")
    return None if ".git" in below.lower().split("/") else (top, below)


def listing(directory: str) -> bytes | None:
    """Return the tracked files, and the untracked ones that are not ignored, below an absolute directory, each followed by NUL.

    Returns `None` without a work tree, or if git is missing or fails. Paths come from the index unchecked: they may lead
    anywhere.
    """
    place = work_tree(directory)
    if place is None:
        return None
    top, below = place
    if not below:
        return _output(top, "ls-files", "-co", "--exclude-standard", "-z")
    output = _output(top, "--literal-pathspecs", "ls-files", "-co", "--exclude-standard", "-z", "--", below)
    start = os.fsencode(f"{below}/")
    return output and b"".join(path.removeprefix(start) + b"\0" for path in output.split(b"\0") if path.startswith(start))


def ignores(directory: str) -> bool:
    """Whether git ignores a directory, given by its absolute path."""
    place = work_tree(directory)
    # `check-ignore` does not support `--literal-pathspecs`, and a path that starts with "./" does not need it.
    return place is not None and place[1] != "" and _output(place[0], "check-ignore", "-q", "--", f"./{place[1]}") is not None


def commit_of(top: str, revision: str) -> str | None:
    """Return the full name of the commit that a revision names in the work tree at `top`, or `None` if there is none."""
    if not revision or revision.startswith("-") or "\0" in revision:
        return None
    output = _output(top, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    return None if output is None else output.decode("ascii", "replace").strip()


def is_shallow(top: str) -> bool:
    """Whether the repository of the work tree at `top` lacks older commits."""
    return _output(top, "rev-parse", "--is-shallow-repository") == b"true\n"


def tree_of(top: str, commit: str) -> dict[str, str] | None:
    """Return the names of the contents of all regular files of a commit, by path from the top; `None` if git fails."""
    output = _output(top, "ls-tree", "-r", "-z", "--full-tree", commit)
    if output is None:
        return None
    rows = (row.partition(b"\t") for row in output.split(b"\0") if row)
    listed = ((head.split(), path) for head, _, path in rows)
    return {os.fsdecode(path): name.decode("ascii") for (mode, _, name), path in listed if mode.startswith(b"100")}


def sizes(top: str, names: Sequence[str]) -> dict[str, int] | None:
    """Return the sizes of contents in bytes, by name. Returns `None` if git fails, or if one is not in the repository.

    A small repository can hold huge contents: git compresses them.
    """
    output = _output(top, "cat-file", "--batch-check", given="".join(f"{name}\n" for name in names).encode("ascii"))
    rows = [] if output is None else [line.split() for line in output.splitlines()]
    if len(rows) != len(names) or any(len(row) != 3 or row[1] != b"blob" for row in rows):
        return None
    return {name: int(row[2]) for name, row in zip(names, rows, strict=True)}


def contents(top: str, names: Sequence[str]) -> dict[str, bytes] | None:
    """Return contents by name, as committed: no filter runs. Returns `None` if git fails, or if one is not in the repository."""
    output = _output(top, "cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode("ascii"))
    if output is None:
        return None
    found: dict[str, bytes] = {}
    start = 0
    for name in names:
        end = output.find(b"\n", start)
        head = output[start:end].split()
        if end < 0 or len(head) != 3 or head[1] != b"blob":
            return None
        size = int(head[2])
        found[name] = output[end + 1 : end + 1 + size]
        start = end + 1 + size + 1
    return found


def name_of(data: bytes, like: str) -> str:
    """Return the name that git gives to a content in a repository where names look `like` this one."""
    import hashlib

    algorithm = hashlib.sha1 if len(like) == 40 else hashlib.sha256
    return algorithm(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def version() -> str | None:
    """Return the version of git, such as `2.39.5`, or `None` if it is not installed or does not answer."""
    output = _output(os.path.abspath(os.sep), "--version")  # noqa: PTH100 - pathlib would take longer to import than this module
    return None if output is None else output.decode("ascii", "replace").removeprefix("git version ").partition(" ")[0].strip()


def answers() -> bool:
    """Whether git is still in use: false once this process has waited `PATIENCE` seconds without an answer."""
    return _waited[0] < PATIENCE


def _output(top: str, *arguments: str, given: bytes | None = None) -> bytes | None:
    """Run git in a directory, with `given` as its input. Return its output, or `None` if it is missing, fails or does not answer."""
    program = git_program()
    if program is None or not answers():
        return None
    left = PATIENCE - _waited[0]
    # Imported late, because importing it takes half as long as walking a project.
    import subprocess

    command = [program, "--no-pager", *(word for setting in _SETTINGS for word in ("-c", setting)), *arguments]
    nothing = subprocess.DEVNULL
    source = nothing if given is None else subprocess.PIPE
    try:
        # In its own session, git has no terminal for questions, and can be killed with all its child processes.
        process = subprocess.Popen(
            command, cwd=top, env=environment(), stdin=source, stdout=subprocess.PIPE, stderr=nothing, start_new_session=True
        )
    except (OSError, ValueError):
        return None
    try:
        output, _ = process.communicate(given, timeout=left)
    except subprocess.TimeoutExpired:
        _waited[0] += left
        _end(process)
        return None
    except BaseException:
        _end(process)
        raise
    return output if process.returncode == 0 else None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and, on POSIX, its child processes."""
    try:
        if os.name == "posix":
            os.killpg(process.pid, 9)
        else:
            process.kill()
    except OSError:
        pass  # It has just ended.
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def environment(transports: str = "", kept_too: frozenset[str] = frozenset()) -> dict[str, str]:
    """Return the environment variables for git, which may use `transports`, separated by colons. Some variables are `kept_too`."""
    kept = {name: value for name, value in os.environ.items() if _is_kept(name) or name in kept_too}
    return {
        **kept,
        "PATH": os.pathsep.join(_folders()),
        "GIT_NO_LAZY_FETCH": "1",
        # No transport has a random name. Older versions of git obey this variable, whatever the repository allows.
        "GIT_ALLOW_PROTOCOL": transports or os.urandom(8).hex(),
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _is_kept(name: str) -> bool:
    return not name.startswith("GIT_") or name in _KEPT or name.startswith(_KEPT_STARTS)


def git_program() -> str | None:
    """Return the absolute path of the git program, if it is installed."""
    programs = (f"{folder}{os.sep}{_PROGRAM}" for folder in _folders())
    return next((each for each in programs if os.path.isfile(each) and os.access(each, os.X_OK)), None)


def _folders() -> Iterator[str]:
    """Yield the absolute folders of `PATH`. A relative one could lead into the code under analysis.

    Windows would also search the working directory, so git is started by its absolute path.
    """
    for entry in os.get_exec_path():
        folder = entry.strip('"') if os.name == "nt" else entry
        if os.path.isabs(folder):  # noqa: PTH117
            yield folder


def _real(directory: str) -> str:
    """Return a directory with links resolved, in the case in which it was created.

    macOS file systems ignore case, but git does not.
    """
    real = os.path.realpath(directory)
    if sys.platform == "darwin":
        import fcntl

        try:
            descriptor = os.open(real, os.O_RDONLY)
            try:
                return os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, b"\0" * 1024).rstrip(b"\0"))
            finally:
                os.close(descriptor)
        except OSError:
            return real
    return real
