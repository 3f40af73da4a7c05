"""Structural equation models: `fit`, its results, tests between fits, and what can go wrong."""

from models.sem.api import fit
from models.sem.bootstrap import Bootstrap, bootstrap
from models.sem.compare import Comparison, compare, information_criteria
from models.sem.cross_lagged import cross_lagged, random_intercept_cross_lagged
from models.sem.errors import ModelWarning, SemError
from models.sem.fit import Fit
from models.sem.growth import growth
from models.sem.higher_order import second_order
from models.sem.interaction import interaction, simple_slopes
from models.sem.ladder import higher_order_ladder, invariance_ladder
from models.sem.modification import modification_indices, score_test
from models.sem.ordinal_ladder import ordinal_ladder
from models.sem.sample import Moments
from models.sem.simulate import simulate
from models.sem.wald import wald

__all__ = [
    "Bootstrap",
    "Comparison",
    "Fit",
    "ModelWarning",
    "Moments",
    "SemError",
    "bootstrap",
    "compare",
    "cross_lagged",
    "fit",
    "growth",
    "higher_order_ladder",
    "information_criteria",
    "interaction",
    "invariance_ladder",
    "modification_indices",
    "ordinal_ladder",
    "random_intercept_cross_lagged",
    "score_test",
    "second_order",
    "simple_slopes",
    "simulate",
    "wald",
]
