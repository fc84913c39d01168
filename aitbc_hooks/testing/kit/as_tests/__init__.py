"""The checks as tests of pytest: the suite that authors subclass, and ``--aitbc-plugin``."""
