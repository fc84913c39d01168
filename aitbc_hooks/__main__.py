"""``python -m aitbc_hooks`` is the command ``aitbc-hooks``."""

from aitbc_hooks.cli import main

if __name__ == "__main__":
    main()
