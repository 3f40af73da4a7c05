"""Panel models: a formula in, a result object out, the same interface for every estimator."""

from models.panel.diagnostics import diagnostics
from models.panel.errors import PanelError
from models.panel.fit import PanelFit, fit
from models.panel.heterogeneity import WaldTest, holm, pairwise, wald_equal

__all__ = ["PanelError", "PanelFit", "WaldTest", "diagnostics", "fit", "holm", "pairwise", "wald_equal"]
