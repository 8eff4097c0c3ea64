"""Money rule `s-process`: jurors' marginal values, funders' trust in jurors, and a trace of every unit."""

from daccord.allocation.s_process._rule import S_PROCESS
from daccord.allocation.s_process._trace import Cell, juror_effects, trace
from daccord.allocation.s_process._turns import settle

__all__ = ["S_PROCESS", "Cell", "juror_effects", "settle", "trace"]
