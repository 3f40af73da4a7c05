"""Structural equation models: `fit`, its results, and what can go wrong."""

from models.sem.api import fit
from models.sem.errors import SemError
from models.sem.fit import Fit
from models.sem.ladder import higher_order_ladder, invariance_ladder
from models.sem.sample import Moments

__all__ = ["Fit", "Moments", "SemError", "fit", "higher_order_ladder", "invariance_ladder"]
