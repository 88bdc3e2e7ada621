"""`python -m surfacelint`."""

from __future__ import annotations

from surfacelint.cli import main

if __name__ == "__main__":
    main()
