"""The specialised interfaces and hook wrappers: how they are called, and what has to come of it."""
