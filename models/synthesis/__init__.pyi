from .dependence import DependentEffects, dependent_effects
from .errors import SynthesisError
from .first_stage import PooledCorrelations, pool_correlations
from .meta_regression import Moderated, moderators
from .pooling import RandomEffects, random_effects
from .robustness import SmallStudies, leave_one_out, small_studies
from .second_stage import PathModel, path_model

__all__ = [
    "DependentEffects",
    "Moderated",
    "PathModel",
    "PooledCorrelations",
    "RandomEffects",
    "SmallStudies",
    "SynthesisError",
    "dependent_effects",
    "leave_one_out",
    "moderators",
    "path_model",
    "pool_correlations",
    "random_effects",
    "small_studies",
]
