"""The parts of `scripts/write_release.py`, `scripts/check_release.py` and `scripts/try_release.py`."""
