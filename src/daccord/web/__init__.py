"""Pages that are served: so far the explorer of futures, on this machine only."""

__all__: list[str] = []
