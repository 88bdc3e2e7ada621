"""What silences findings: suppression comments and the baseline; and edits of comments and of files."""
