"""A Python process that has imported modules once and forks for each program, because imports take longer than most programs.

Run as a script, with the names of modules as arguments; it imports those of surfacelint and LibCST in any case, and checks a sample, which
reads the catalogue and makes the readers of the cache. It reads a command a line from standard input (JSON: `argv`, `cwd`, `env`,
limits for its CPU time and for the clock in `seconds` and `clock`, and the paths `stdin`, `stdout`, `stderr`) and writes the exit status
of each, a line each, to standard output.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import sys
import tempfile
import types
from pathlib import Path
from typing import Any

import surfacelint
from surfacelint.config import Config

LIBCST = ("libcst.codemod", "libcst.metadata", "libcst.matchers")

SAMPLE = """\
from openai import OpenAI

client = OpenAI()

for review in open("reviews.txt"):
    print(client.responses.create(model="gpt-5-mini", input=review).output_text)
"""


def own_modules() -> list[str]:
    """Modules of surfacelint, without those that run something or need an extra."""
    found = [module.name for module in pkgutil.walk_packages(surfacelint.__path__, "surfacelint.")]
    extras = ("surfacelint.flake8", "surfacelint.mcp_server", "surfacelint.server", "surfacelint.__main__")
    return [name for name in found if not name.startswith(extras)]


def check_sample() -> None:
    """Let surfacelint compute what it needs once per process."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "job.py").write_text(SAMPLE, encoding="utf-8")
        surfacelint.check([folder], Config(root=Path(folder), cache_dir=os.fspath(Path(folder, "cache")), jobs=1))


def serve() -> dict[str, Any] | None:
    """Fork for each command. Returns the command in the child, and None in the parent once there are no more."""
    for line in sys.stdin:
        command: dict[str, Any] = json.loads(line)
        child = os.fork()
        if not child:
            return command
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return None


def become(command: dict[str, Any]) -> None:
    """Take over the command's folder, variables and files."""
    signal.setitimer(signal.ITIMER_PROF, command["seconds"])
    signal.alarm(command["clock"])
    os.chdir(command["cwd"])
    os.environ.clear()
    os.environ.update(command["env"])
    os.dup2(os.open(command["stdin"], os.O_RDONLY), 0)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(command[name], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))


def execute(argv: list[str], path: list[str]) -> None:
    """Run a script, or the module behind `-m`, as Python itself would."""
    if argv[0] == "-m":
        sys.argv, sys.path[0:1] = argv[1:], path
        runpy.run_module(argv[1], run_name="__main__", alter_sys=True)
        return
    sys.argv, sys.path[0:1] = argv, [os.fspath(Path(argv[0]).absolute().parent), *path]
    main = types.ModuleType("__main__")
    main.__file__ = argv[0]
    sys.modules["__main__"] = main
    exec(compile(Path(argv[0]).read_bytes(), argv[0], "exec"), vars(main))


def status_of(error: BaseException | None) -> int:
    """The exit status of a program that ends with an exception, or with none."""
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    return int(error is not None)


def end_early(status: int) -> None:
    """End the process, after all that the program does at its end, and before Python clears its memory, which takes 0.1 s."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def run_child(command: dict[str, Any]) -> None:
    """Run the command in this process. Functions that a program registers to run at its end run before `end_early`."""
    endings: list[int] = []
    atexit.register(lambda: end_early(endings[0]))
    try:
        become(command)
        execute(command["argv"], command["env"].get("PYTHONPATH", "").split(os.pathsep))
    finally:
        endings.append(status_of(sys.exc_info()[1]))


if __name__ == "__main__":
    for name in (*sys.argv[1:], *LIBCST, *own_modules()):
        importlib.import_module(name)
    check_sample()
    gc.freeze()
    if (command := serve()) is not None:
        run_child(command)
