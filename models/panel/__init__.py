"""Panel models: a formula in, a result object out, the same interface for every estimator."""

from models.panel.bootstrap import WildBootstrap, wild_cluster_bootstrap
from models.panel.diagnostics import diagnostics
from models.panel.errors import PanelError
from models.panel.estimation import fit
from models.panel.heterogeneity import WaldTest, holm, pairwise, wald, wald_equal
from models.panel.influence import influence
from models.panel.out_of_core import fit_stream
from models.panel.results import PanelFit

__all__ = [
    "PanelError",
    "PanelFit",
    "WaldTest",
    "WildBootstrap",
    "diagnostics",
    "fit",
    "fit_stream",
    "holm",
    "influence",
    "pairwise",
    "wald",
    "wald_equal",
    "wild_cluster_bootstrap",
]
