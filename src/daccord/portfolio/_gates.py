"""Gates: the maturity of a partner that a project's money waits for.

Order in time matters: a defence counts when it is there before the threat. A gate says so in a form that a program can
follow: it names who has to be how far, and it opens when that is reached.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Gate"]


@dataclass(frozen=True, order=True)
class Gate:
    """What has to be reached before the gated money of a project is paid.

    Attributes:
        of: Id of a project; with a role, the id that the role points at.
        maturity: One of `MATURITIES`: how far the partner has to be at least.
        role: Empty if `of` itself is the partner. Otherwise one of `ROLE_KINDS`, and any other project that has this
            role towards `of` will do: `Gate("leak", "prototype", "defends")` waits for any defence against `leak`.
    """

    of: str
    maturity: str = "deployed"
    role: str = ""

    def __str__(self) -> str:
        """As it is written in a round folder: `lock`, `lock >= prototype`, `defends > leak >= prototype`."""
        partner = f"{self.role} > {self.of}" if self.role else self.of
        return partner if self.maturity == "deployed" else f"{partner} >= {self.maturity}"
