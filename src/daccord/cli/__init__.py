"""The command `daccord`: `daccord.cli.main` starts it, and each command is a module of its own."""

__all__: list[str] = []
