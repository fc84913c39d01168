"""The checks in a process of their own, which the plugin may bring down."""
