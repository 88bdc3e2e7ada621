"""The back office of a bookshop: what its reviews, its staff and its customers ask of a language model."""
