"""How fast surfacelint is, beside other linters, on trees of real code. No part of the tests: `python -m benchmarks run --trees FOLDER`."""
