"""The foundation: git, processes, safe file reading, printable text, records, timings. Knows nothing of LLMs."""
