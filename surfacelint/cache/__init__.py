"""Facts on disk: what was read of a file's text, for as long as the text and the reader are the same."""
