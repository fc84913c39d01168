"""A project of kedro that adds numbers."""
