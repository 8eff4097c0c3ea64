"""Ensembles: many independent tasks on a pool of processes or a Ray cluster; same seeds, same bytes.

`run_study` plays a study's scenarios on an executor, keeps every result in a folder as it comes, and goes on from there
after a stop. An executor runs tasks of any kind and says nothing about studies.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from daccord.ensemble._executor import Executor, SerialExecutor, Task
from daccord.ensemble._pool import PoolExecutor
from daccord.ensemble._ray import RayExecutor

if TYPE_CHECKING:
    from daccord.ensemble._run import Ensemble, Tell, run_study

__all__ = ["Ensemble", "Executor", "PoolExecutor", "RayExecutor", "SerialExecutor", "Task", "Tell", "run_study"]


def __getattr__(name: str) -> object:
    """What plays studies is loaded on first use: workers begin without it, and load what their tasks need."""
    if name not in __all__:
        raise AttributeError(f"module 'daccord.ensemble' has no attribute {name!r}")
    return getattr(import_module("daccord.ensemble._run"), name)
