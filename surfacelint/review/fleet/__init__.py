"""Reviews many repositories on the workers of a Dask cluster: a list of repositories → one merged review."""
