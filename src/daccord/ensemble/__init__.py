"""Ensembles: many independent tasks on a pool of processes or a Ray cluster; same seeds, same bytes."""

__all__: list[str] = []
