"""The plugins that ship with the host, each in the structure that SPEC.md prescribes.

They import only what any plugin author may import, so each is also an example to start from.
"""
