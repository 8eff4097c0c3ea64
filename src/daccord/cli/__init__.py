"""The command `daccord`."""
