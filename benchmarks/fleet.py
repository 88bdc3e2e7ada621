"""Reviews many local repositories on one worker and on two, and kills one of two on the way: `python -m benchmarks.fleet [NUMBER]`.

The workers are processes of a Dask scheduler on this machine. A run begins when the workers are there. On a shared machine the clock
also measures what others do, so the table has CPU time, too: that of the workers and of all processes that they start.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

JOB = """\
from openai import OpenAI

client = OpenAI()


def main{number}(texts):
    for text in texts:
        print(client.responses.create(model="gpt-4o-mini", input=text).output_text)
"""

SCHEDULER = """
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=0, dashboard_address="127.0.0.1:0")
    print(cluster.scheduler_address, flush=True)
    input()
"""


def make(folder: Path, number: int) -> None:
    """Make a list of small repositories."""
    names = [f"repository{each}" for each in range(number)]
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    for each, name in enumerate(names):
        place = folder / name
        subprocess.run(["git", "init", "--quiet", str(place)], check=True)
        (place / "job.py").write_text(JOB.format(number=each), encoding="utf-8")
        subprocess.run(["git", "-C", str(place), "add", "job.py"], check=True)
        subprocess.run(["git", "-C", str(place), *identity, "commit", "--quiet", "--message", "job"], check=True)
    (folder / "list.txt").write_text("".join(f"{name}\n" for name in names), encoding="utf-8")


@contextmanager
def scheduler(folder: Path) -> Iterator[str]:
    """Start a scheduler, and yield its address."""
    (folder / "scheduler.py").write_text(SCHEDULER, encoding="utf-8")
    pipe = subprocess.PIPE
    process = subprocess.Popen([sys.executable, "scheduler.py"], cwd=folder, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.communicate("\n")


def worker(address: str) -> subprocess.Popen[bytes]:
    """Start a worker in one process, without a nanny that would start it again."""
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def wait_for(address: str, number: int) -> None:
    """Wait until a scheduler has some workers."""
    program = f"from distributed import Client; Client({address!r}).wait_for_workers({number})"
    subprocess.run([sys.executable, "-c", program], check=True, stderr=subprocess.DEVNULL)


def measure(folder: Path, workers: int, kill_after: int | None) -> str:
    """Review the list, and return a line of the table. Kills a worker after so many repositories."""
    with scheduler(folder) as address:
        running = [worker(address) for _ in range(workers)]
        wait_for(address, workers)
        name = f"{workers}{'-killed' if kill_after else ''}"
        words = ("--scheduler", address, "--results", f"results-{name}", "--output-format", "json", "-o", f"{name}.json")
        before, began = os.times(), time.monotonic()
        command = [sys.executable, "-m", "surfacelint", "review", "--repositories", "list.txt", *words]
        with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as run:
            assert run.stderr is not None
            retries = 0
            for number, line in enumerate(run.stderr, 1):
                retries += line.startswith("retry: ")
                if number == kill_after:
                    running[0].kill()
        seconds = time.monotonic() - began
        for each in running:
            each.terminate()
            each.wait()
        after = os.times()
    rows = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["workloads"]
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return f"{name:10} {run.returncode:6} {len(rows):9} {retries:7} {seconds:9.1f} {cpu:9.1f}"


def main() -> None:
    """Print the table."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, number)
        print("workers    status workloads retries   seconds CPU total", flush=True)
        for workers, kill_after in ((1, None), (2, None), (2, number // 4)):
            print(measure(folder, workers, kill_after), flush=True)


if __name__ == "__main__":
    main()
