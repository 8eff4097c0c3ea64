"""At the margin: what one more unit of budget does, what not knowing costs, and whether awards solve their rule."""

from daccord.allocation.margins._certificate import CertificateCheck, check_certificate
from daccord.allocation.margins._churn import CHURN_BAND, Movement, movement, steepness
from daccord.allocation.margins._ignorance import Price, prices_of_ignorance
from daccord.allocation.margins._unit import BudgetChange, budget_change

__all__ = [
    "CHURN_BAND",
    "BudgetChange",
    "CertificateCheck",
    "Movement",
    "Price",
    "budget_change",
    "check_certificate",
    "movement",
    "prices_of_ignorance",
    "steepness",
]
