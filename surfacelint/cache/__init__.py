"""The cache on disk: facts about texts, scans of files, and replayed output of whole runs."""
