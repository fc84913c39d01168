"""One instance of a plugin in a small host, on a deterministic loop, step by step."""
