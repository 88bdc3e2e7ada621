"""Copies the version and the addresses of `surfacelint/system/version.py` into all files that repeat them."""

from __future__ import annotations

from pathlib import Path

from releasing.places import followed

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Write the files that differ, and print their names."""
    for file, text in followed(ROOT):
        file.write_text(text, encoding="utf-8")
        print(file.relative_to(ROOT))


if __name__ == "__main__":
    main()
