"""The only place that starts git: what it lists below a directory, and whether it ignores one.

A repository may be hostile, so git must run no program of it, use no network and come to an end:

- A missing object is not fetched, and no transport may be used. So what serves transports (`core.sshCommand`, `remote.*.uploadpack`,
  proxies, credential helpers, `ext::`) has no use either.
- Git starts at the top of a work tree, where it looks at `.git` first. A folder further down that looks like a bare repository, with
  settings of its own, is a folder like any other.
- The commands used here compare no contents and write nothing, so they run no filter, no external diff and no hook.
- Where git does not answer in time, it is ended, and the answer is that it fails there.

What git prints is no more to be trusted than the repository.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # That of `typing`, which would take longer to import than all of this.

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

PATIENCE = 30.0
"""Seconds that a process waits in all for a git that does not answer: it may be reading from a pipe that nothing is written to."""

_PROGRAM = "git.exe" if os.name == "nt" else "git"

# A later setting of the command line wins over an earlier one, and over all files.
_SETTINGS = (
    # Not `false`, which gits before 2.36 take for the name of a program.
    "core.fsmonitor=",
    "core.useBuiltinFSMonitor=",
    f"core.hooksPath={os.devnull}",
    "hook.post-index-change.enabled=false",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
    # Git until 2.45 fetches this before it looks which transports are allowed.
    "fetch.bundleURI=",
    "core.sshCommand=",
    "core.gitProxy=",
    "core.askPass=",
    "credential.helper=",
)

# The user's own files of settings, and what the user's git was told for this session. A hook runs with variables that would make git answer
# for another directory, and with others that name programs.
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
"""Seconds that this process has waited for nothing."""


def work_tree(directory: str) -> tuple[str, str] | None:
    """Return the nearest directory at or above an absolute one that holds `.git`, and the way from it down, with forward slashes.

    Links are resolved. Inside of `.git` there is no work tree.
    """
    real = _real(directory)
    top = real
    while not os.path.lexists(f"{top}{os.sep}.git"):
        above = os.path.dirname(top)  # noqa: PTH120 - pathlib would take longer to import than all of this
        if above == top:
            return None
        top = above
    below = real[len(top) :].strip(os.sep).replace(os.sep, "/")
    return None if ".git" in below.lower().split("/") else (top, below)


def listing(directory: str) -> bytes | None:
    """Return the paths that git tracks or would offer to track below an absolute directory, each followed by NUL.

    `None` where there is no work tree, or git is missing or fails. Paths are whatever the index holds: they may lead anywhere.
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
    """Say whether git ignores a directory, given by its absolute path."""
    place = work_tree(directory)
    # It takes no `--literal-pathspecs`, nor does it need it, once the path does not start with a colon.
    return place is not None and place[1] != "" and _output(place[0], "check-ignore", "-q", "--", f"./{place[1]}") is not None


def answers() -> bool:
    """Say whether git is still asked: not once this process has waited long enough for nothing."""
    return _waited[0] < PATIENCE


def _output(top: str, *arguments: str) -> bytes | None:
    """Return what git prints in a directory, or `None` if it is missing, fails or does not answer."""
    program = _program()
    if program is None or not answers():
        return None
    left = PATIENCE - _waited[0]
    # Importing it takes half as long as a whole walk: paid inside of a work tree only.
    import subprocess

    command = [program, "--no-pager", *(word for setting in _SETTINGS for word in ("-c", setting)), *arguments]
    nothing = subprocess.DEVNULL
    try:
        # In a session of its own it has no terminal to ask, and can be ended with all that it started.
        process = subprocess.Popen(
            command, cwd=top, env=_environment(), stdin=nothing, stdout=subprocess.PIPE, stderr=nothing, start_new_session=True
        )
    except (OSError, ValueError):
        return None
    try:
        output, _ = process.communicate(timeout=left)
    except subprocess.TimeoutExpired:
        _waited[0] += left
        _end(process)
        return None
    except BaseException:
        _end(process)
        raise
    return output if process.returncode == 0 else None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process, and where the system has groups of them, what it started."""
    try:
        if os.name == "posix":
            os.killpg(process.pid, 9)
        else:
            process.kill()
    except OSError:
        pass  # It ended at this moment.
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _environment() -> dict[str, str]:
    """Return the environment that git runs in."""
    kept = {name: value for name, value in os.environ.items() if _is_kept(name)}
    return {
        **kept,
        "PATH": os.pathsep.join(_folders()),
        "GIT_NO_LAZY_FETCH": "1",
        # No transport has this name. Gits that do not know the variable above obey this one, whatever a repository allows.
        "GIT_ALLOW_PROTOCOL": os.urandom(8).hex(),
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
    }


def _is_kept(name: str) -> bool:
    return not name.startswith("GIT_") or name in _KEPT or name.startswith(_KEPT_STARTS)


def _program() -> str | None:
    """Return where git is installed."""
    programs = (f"{folder}{os.sep}{_PROGRAM}" for folder in _folders())
    return next((each for each in programs if os.path.isfile(each) and os.access(each, os.X_OK)), None)


def _folders() -> Iterator[str]:
    """Yield the folders in which programs are looked for. A relative one would lead into the code under analysis.

    On Windows the system would look into the current directory, too, which is why git is started by its absolute path.
    """
    for entry in os.get_exec_path():
        folder = entry.strip('"') if os.name == "nt" else entry
        if os.path.isabs(folder):  # noqa: PTH117
            yield folder


def _real(directory: str) -> str:
    """Return a directory without links, in the letters that it was made with.

    macOS finds it in capitals, too, where git compares letter by letter.
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
