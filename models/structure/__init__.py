"""The theory's models on one data set: structural equations for answers, regressions for behaviour.

Every function gives frames whose columns are those of the long results table (see ARCHITECTURE.md).
"""

from models.structure.behaviour import slopes, slopes_by
from models.structure.closed_loop import closed_loop
from models.structure.cohorts import cohort
from models.structure.detectable import detectable
from models.structure.effect_sizes import effect_sizes
from models.structure.endogeneity import endogeneity
from models.structure.equations import MAIN, Structural, hypothesis_of, states, structural, structural_rows
from models.structure.groups import by_group
from models.structure.interactions import interactions
from models.structure.leave_one_out import leave_one_out
from models.structure.mediation import Resampling, effect_rows
from models.structure.panel_checks import panel_checks
from models.structure.rivals import rivals
from models.structure.sensitivity import effects, largest_shift
from models.structure.specification_curve import specification_curve
from models.structure.streamed import Stream, with_streamed
from models.structure.treatments import roll_outs, with_strategies
from models.structure.variants import Variant, variant

__all__ = [
    "Stream",
    "MAIN",
    "Resampling",
    "Structural",
    "Variant",
    "by_group",
    "closed_loop",
    "cohort",
    "detectable",
    "effect_sizes",
    "effect_rows",
    "effects",
    "endogeneity",
    "hypothesis_of",
    "interactions",
    "largest_shift",
    "leave_one_out",
    "panel_checks",
    "rivals",
    "roll_outs",
    "slopes",
    "slopes_by",
    "specification_curve",
    "states",
    "structural",
    "structural_rows",
    "variant",
    "with_strategies",
    "with_streamed",
]
