"""The foundation: git, processes, safe file reading, printable text, records, timings. Independent of LLMs and Python code."""
