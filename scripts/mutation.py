"""Measures how many small errors in judgement and in the codemods the tests notice.

    python scripts/mutation.py FOLDER [--budget 50] [--seed 23] [--only NAME...]

mutmut makes mutants: copies of a function with one small change. Of each part, the script draws as many as the budget says, the same ones
for the same seed and sources, and runs the tests on each of them, in process and one at a time. It prints a table of results, and then
each survivor with its change. A survivor is either code that no test constrains, or a change that makes no difference.

The tests of judgement are the fixtures. Those of the codemods are the fixtures and every eighth program that runs before and after its
fix; all of them would take a day. So the score of the codemods is a lower bound.

FOLDER receives one copy of the package and its tests per part. Delete it to start anew; otherwise, mutants with a result are not run again.
Install mutmut first: `pip install mutmut`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

REPOSITORY = Path(__file__).parents[1]

FIXTURES = ("tests/test_fixtures.py",)
REWRITES = ("tests/test_fixtures.py", "tests/rewrites/test_programs.py", "tests/rewrites/test_lifecycle.py")

SKIPPED = ("__pycache__", ".*_cache", "*.egg-info")

LEFT_ALONE = ("surfacelint/codemods/llm_batch.py",)
"""The module that fixes copy into projects. It runs there without mutmut; `tests/rewrites/test_batch_module.py` tests it."""

NOTHING = "no.mutant.has.this.name"
"""mutmut has no command that only makes its mutants. Asked for one that does not exist, it makes all and stops."""

STATUSES = ("killed", "timeout", "survived", "no tests")


@dataclass(frozen=True, slots=True)
class Part:
    """Sources that are mutated together, and the tests that run on them. mutmut holds all mutants of a part in memory."""

    name: str
    sources: tuple[str, ...]
    tests: tuple[str, ...]


PARTS = (
    Part("finders", ("judgement/batches/*", "judgement/finders/*", "judgement/progress/*"), FIXTURES),
    Part("flow", ("judgement/flow/*", "judgement/waiting/*"), FIXTURES),
    Part("repetition", ("judgement/repetition/*", "judgement/size/*"), FIXTURES),
    Part("loop-to-batch", ("codemods/loop_to_batch/*",), REWRITES),
    Part("other-codemods", ("codemods/*.py", "codemods/input_lists/*"), REWRITES),
)


def copy(part: Part, folder: Path) -> Path:
    """Copy the package and its tests into a folder that mutmut can work in, and return it."""
    target = folder / part.name
    if target.is_dir():
        return target
    target.mkdir(parents=True)
    for name in ("surfacelint", "tests", "examples", "scripts"):
        shutil.copytree(REPOSITORY / name, target / name, ignore=shutil.ignore_patterns(*SKIPPED))
    settings = {
        "source_paths": ["surfacelint"],
        "only_mutate": [f"surfacelint/{source}" for source in part.sources],
        "do_not_mutate": list(LEFT_ALONE),
        "also_copy": ["examples", "scripts"],
        "pytest_add_cli_args_test_selection": list(part.tests),
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly"],
        "process_isolation": "fork",
        "timeout_multiplier": 2.0,
        "timeout_constant": 15.0,
    }
    table = "\n".join(f"{key} = {json.dumps(value)}" for key, value in settings.items())
    text = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    (target / "pyproject.toml").write_text(f"{text}\n[tool.mutmut]\n{table}\n", encoding="utf-8")
    return target


def mutmut(folder: Path, *arguments: str) -> str:
    """Run mutmut in a folder, with the command line in the process of the tests, and return what it prints."""
    environment = {**os.environ, "SURFACELINT_TESTS_IN_PROCESS": "1", "SURFACELINT_TESTS_EVERY": "8", "PYTHONHASHSEED": "0"}
    command = [sys.executable, "-m", "mutmut", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode("utf-8", "replace")


def mutants(folder: Path) -> list[str]:
    """Return the names of all mutants of a part, sorted, and make them first if there are none."""
    if not (names := _listed(folder)):
        said = mutmut(folder, "run", "--max-children", "1", NOTHING)
        names = _listed(folder)
        if not names or "nothing matches" not in said:
            raise SystemExit(f"{folder}: mutmut made no mutants:\n{said[-3000:]}")
    return names


def _listed(folder: Path) -> list[str]:
    found = [json.loads(path.read_text(encoding="utf-8")) for path in (folder / "mutants").rglob("*.meta")]
    return sorted(name for each in found for name in each["exit_code_by_key"])


def sample(names: Sequence[str], budget: int, seed: int) -> list[str]:
    """Return `budget` of the mutants, sorted."""
    return sorted(Random(seed).sample(sorted(names), min(budget, len(names))))


def results(folder: Path, chosen: Sequence[str]) -> dict[str, str]:
    """Return the status of each chosen mutant. Runs the tests on those that have none."""
    known = _statuses(folder)
    if missing := [name for name in chosen if known.get(name, "not checked") == "not checked"]:
        said = mutmut(folder, "run", "--max-children", "1", *missing)
        known = _statuses(folder)
        if any(known.get(name, "not checked") == "not checked" for name in missing):
            raise SystemExit(f"{folder}: mutmut did not finish:\n{said[-3000:]}")
    return {name: known[name] for name in chosen}


def _statuses(folder: Path) -> dict[str, str]:
    lines = (line.strip().rpartition(": ") for line in mutmut(folder, "results", "--all", "true").splitlines())
    return {name: status for name, found, status in lines if found and name.startswith("surfacelint.")}


def table(found: Mapping[str, Mapping[str, str]], all_names: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield the rows of a Markdown table. The score is the share of tested mutants that the tests notice."""
    yield f"| part | mutants | drawn | {' | '.join(STATUSES)} | score |"
    yield f"|---|---|---|{'---|' * len(STATUSES)}---|"
    whole: Counter[str] = Counter()
    for part, statuses in found.items():
        counts = Counter(statuses.values())
        whole += counts
        yield _row(part, len(all_names[part]), counts)
    yield _row("all", sum(map(len, all_names.values())), whole)


def _row(name: str, known: int, counts: Counter[str]) -> str:
    noticed = counts["killed"] + counts["timeout"]
    share = f"{100 * noticed / counts.total():.0f} %" if counts else "-"
    return f"| {name} | {known:,} | {counts.total()} | {' | '.join(str(counts[each]) for each in STATUSES)} | {share} |"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--budget", type=int, default=50, help="number of mutants to draw of each part")
    parser.add_argument("--seed", type=int, default=23)
    parser.add_argument("--only", nargs="+", choices=[part.name for part in PARTS], help="parts to test, by default all")
    given = parser.parse_args()
    folders: dict[str, Path] = {}
    names: dict[str, list[str]] = {}
    found: dict[str, dict[str, str]] = {}
    for part in PARTS:
        if not given.only or part.name in given.only:
            folders[part.name] = copy(part, given.folder.resolve())
            names[part.name] = mutants(folders[part.name])
            found[part.name] = results(folders[part.name], sample(names[part.name], given.budget, given.seed))
            print(f"{part.name}: {dict(Counter(found[part.name].values()))}", file=sys.stderr, flush=True)
    print("\n".join(table(found, names)))
    for name, statuses in found.items():
        for mutant, status in statuses.items():
            if status not in ("killed", "timeout"):
                print(f"\n{status}\n{mutmut(folders[name], 'show', mutant).strip()}", flush=True)


if __name__ == "__main__":
    main()
