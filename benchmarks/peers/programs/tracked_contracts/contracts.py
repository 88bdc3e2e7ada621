from pathlib import Path

from rich.progress import track

from clauses import risks

report = []
for path in track(sorted(Path("contracts").glob("*.txt")), description="Reading contracts"):
    report.append(f"# {path.stem}\n\n{risks(path.read_text())}\n")
Path("report.md").write_text("\n".join(report))
