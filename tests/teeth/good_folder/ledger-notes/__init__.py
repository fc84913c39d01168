"""Notes beside a ledger: the layout that SPEC.md prescribes for a plugin."""
# ruff: noqa: N999 - SPEC.md's own kind of name
