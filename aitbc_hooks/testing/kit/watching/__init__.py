"""What a plugin does, says and holds while it is tried."""
