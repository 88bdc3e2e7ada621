"""Installs a wheel into a fresh environment for each Python and resolution of dependencies, and uses it on the examples.

    python scripts/try_release.py WHEEL [--python VERSION]... [--resolution highest|lowest-direct]... [--extra NAME]...

Needs uv, which finds interpreters of the machine by version, such as 3.14, or by path. Without `--python`, the one that runs this
script is used. A Python that is not there is skipped, or with `--required` an error. `lowest-direct` installs the lowest versions
that pyproject.toml allows. The exit status is 1 if a trial failed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from releasing.trials import TrialError, installed, run, tried

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Try all combinations, print one line each, and return the exit status."""
    parser = argparse.ArgumentParser(description="Install a wheel for each Python, and use it.")
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--python", action="append", metavar="VERSION", help="a version or an interpreter")
    parser.add_argument("--resolution", action="append", choices=("highest", "lowest-direct"), help="which versions of dependencies")
    parser.add_argument("--extra", action="append", default=["flake8"], metavar="NAME", help="an extra to install besides flake8")
    parser.add_argument("--required", action="store_true", help="fail if a Python is not there")
    options = parser.parse_args()
    wheel = options.wheel.resolve()
    failed = False
    for python in options.python or [sys.executable]:
        if not is_there(python):
            print(f"{'error' if options.required else 'skipped'}: there is no Python {python}")
            failed = failed or options.required
            continue
        for resolution in options.resolution or ["highest"]:
            with TemporaryDirectory() as folder:
                try:
                    environment = installed(wheel, ROOT, python, resolution, options.extra, Path(folder))
                    used = tried(environment, ROOT / "examples", wheel.name.split("-")[1])
                    print(f"ok: {resolution}: {used}", flush=True)
                except TrialError as error:
                    failed = True
                    print(f"error: {python}, {resolution}: {error}", flush=True)
    return int(failed)


def is_there(python: str) -> bool:
    """Whether uv finds this Python on the machine."""
    try:
        run(Path.cwd(), "uv", "python", "find", "--no-project", "--no-python-downloads", python)
    except TrialError as error:
        if "No such file" in str(error):
            raise SystemExit("uv is not installed: run `pip install uv`") from None
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
