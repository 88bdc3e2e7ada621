"""SRF104: sends inputs as lists. `list_inputs` rewrites one repetition; the other modules write its parts."""
