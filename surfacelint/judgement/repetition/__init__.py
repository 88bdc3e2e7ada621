"""The kind of a repetition: work over independent items, or a retry, a search, a conversation, a sweep, sampling."""
