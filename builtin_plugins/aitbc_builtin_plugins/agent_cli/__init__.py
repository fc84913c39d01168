"""agent-cli: keeps a list of agents and offers the commands to manage it."""
