"""`python -m surfacelint`."""

import os
import sys

if not getattr(sys.flags, "safe_path", False) and sys.path[:1] == [os.getcwd()]:  # noqa: PTH109 - a user may have a pathlib.py, too
    # Python puts the folder that it is started in first, where a user's `email.py` or `click.py` would be taken for the
    # module of that name, and run. Nothing but what Python's own `-m` needs is imported before this.
    del sys.path[0]

from surfacelint.startup import main

if __name__ == "__main__":
    main()
