"""What is estimated: structural models in lavaan syntax and panel formulas, in the files beside this one."""

from models.specs.build import Built, panel_formula, panel_specs, structural, structural_specs

__all__ = ["Built", "panel_formula", "panel_specs", "structural", "structural_specs"]
