"""Measures which branches of the package the tests reach.

    python scripts/measure_coverage.py FOLDER [--tests PATH...] [--report]

Runs the tests with coverage, in FOLDER and in every process that they start or fork, and prints the report: per module the
lines and branches that no test reaches, and the total. `--report` prints it again without running anything. Tests that measure time or
memory, or watch what is imported, may fail under coverage; the report does not depend on that.

The settings, and what is left out for which reason, are in `pyproject.toml`. Install coverage first: `pip install coverage`.
All tests take about three times as long as without coverage.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]


def main() -> int:
    """Run the command line. Returns the exit status of the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of the measurements, which are kept")
    parser.add_argument("--tests", nargs="+", default=["tests"], metavar="PATH", help="tests to run, by default all")
    parser.add_argument("--report", action="store_true", help="print the report of what is there")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "COVERAGE_FILE": os.fspath(given.folder.resolve() / "data")}

    def coverage(*arguments: str) -> int:
        return subprocess.run([sys.executable, "-m", "coverage", *arguments], cwd=REPOSITORY, env=environment, check=False).returncode

    if not given.report:
        coverage("run", "-m", "pytest", *given.tests)
        coverage("combine", "--append", "--quiet")
    return coverage("report")


if __name__ == "__main__":
    sys.exit(main())
