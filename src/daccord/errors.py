"""Everything daccord raises on purpose, in families by what the caller can do.

```
DaccordError
├── InputError         fix your data: each problem names file, row, column and remedy   exit 2
│   └── NoPeopleError  there is no answer of a person to decide from                    exit 2
├── RefusedError       the answer is no                                                 exit 1
├── IntegrityError     distrust what you were given: a digest or a proof differs        exit 1
├── ConvergenceError   the fit did not settle: iterations and last residual are named   exit 3
└── ExternalError      something outside failed: network, disk, a missing extra         exit 3
```

A library caller sees ordinary exceptions; the command line prints `diagnostics()` and leaves with `exit_code`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "ConvergenceError",
    "DaccordError",
    "ExternalError",
    "InputError",
    "IntegrityError",
    "NoPeopleError",
    "Problem",
    "RefusedError",
]


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with an input, said so that a person can mend it.

    Attributes:
        file: Path relative to the round folder, or the name the caller gave.
        row: Line of the file as an editor counts it (the header is line 1); None if the file as a whole is meant.
        column: Column or key; None if the row as a whole is meant.
        message: What is wrong, quoting the offending value.
        remedy: What to do about it.
    """

    file: str
    row: int | None
    column: str | None
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        where = self.file
        if self.row is not None:
            where += f", row {self.row}"
        if self.column is not None:
            where += f", column {self.column}"
        text = f"{where}: {self.message}"
        return f"{text} → {self.remedy}" if self.remedy else text


class DaccordError(Exception):
    """Root of all errors that daccord raises on purpose."""

    exit_code = 3

    def diagnostics(self) -> str:
        """The error as a person should read it, with what to do next."""
        return str(self)


class InputError(DaccordError):
    """The data is wrong; every problem found is listed, not just the first.

    Args:
        problems: What was found, at least one.
    """

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        count = len(self.problems)
        first = str(self.problems[0]) if self.problems else "unusable input"
        super().__init__(first if count <= 1 else f"{first} (and {count - 1} more)")

    @classmethod
    def single(
        cls, file: str, message: str, *, row: int | None = None, column: str | None = None, remedy: str = ""
    ) -> InputError:
        """An error with exactly one problem."""
        return cls([Problem(file, row, column, message, remedy)])

    def diagnostics(self) -> str:
        """Every problem on a line of its own, and how many there are."""
        lines = [str(problem) for problem in self.problems]
        if len(lines) > 1:
            lines.append(f"{len(lines)} problems")
        return "\n".join(lines)


class NoPeopleError(InputError):
    """No answer of a person is left to decide from: models alone never decide."""


class RefusedError(DaccordError):
    """The question was understood and the answer is no."""

    exit_code = 1


class IntegrityError(DaccordError):
    """What was received is not what was promised: a digest, a signature or a proof differs."""

    exit_code = 1


class ConvergenceError(DaccordError):
    """A fit did not settle.

    Args:
        what: The computation.
        iterations: Iterations spent.
        residual: Last value of the stopping measure, in the computation's own units.
    """

    def __init__(self, what: str, iterations: int, residual: float) -> None:
        self.iterations = iterations
        self.residual = residual
        super().__init__(f"{what} did not converge: residual {residual:.3g} after {iterations} iterations")


class ExternalError(DaccordError):
    """Something outside daccord failed: the network, the disk, or an extra that is not installed."""
