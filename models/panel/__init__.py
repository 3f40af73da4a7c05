"""Panel models: a formula in, a result object out, the same interface for every estimator."""

from models.panel.bootstrap import WildBootstrap, wild_cluster_bootstrap
from models.panel.confounding import Oster, e_value, negative_control, oster
from models.panel.diagnostics import diagnostics
from models.panel.dynamic import DynamicFit, gmm
from models.panel.errors import PanelError
from models.panel.estimation import fit
from models.panel.events import EventStudy, event_study
from models.panel.hazards import HazardFit, cox, discrete_hazard
from models.panel.heterogeneity import WaldTest, holm, pairwise, wald, wald_equal
from models.panel.influence import influence
from models.panel.instrumental import IVFit, iv
from models.panel.interaction_weighted import InteractionWeighted, interaction_weighted
from models.panel.jackknife import JackknifeFit, half_panel_jackknife
from models.panel.mediation import Mediation, mediation
from models.panel.out_of_core import fit_stream
from models.panel.random_slopes import RandomSlopes, random_slopes
from models.panel.results import PanelFit
from models.panel.survival import SurvivalCurve, proportional_hazards, survival_curve

__all__ = [
    "DynamicFit",
    "EventStudy",
    "HazardFit",
    "IVFit",
    "InteractionWeighted",
    "JackknifeFit",
    "Mediation",
    "Oster",
    "PanelError",
    "PanelFit",
    "RandomSlopes",
    "SurvivalCurve",
    "WaldTest",
    "WildBootstrap",
    "cox",
    "diagnostics",
    "discrete_hazard",
    "e_value",
    "event_study",
    "fit",
    "fit_stream",
    "gmm",
    "half_panel_jackknife",
    "holm",
    "influence",
    "interaction_weighted",
    "iv",
    "mediation",
    "negative_control",
    "oster",
    "pairwise",
    "proportional_hazards",
    "random_slopes",
    "survival_curve",
    "wald",
    "wald_equal",
    "wild_cluster_bootstrap",
]
