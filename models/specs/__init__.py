"""What is estimated: SEM specifications in lavaan syntax, panel specifications as formulas, both in files beside this one."""

from models.specs.build import Built, panel_formula, panel_specs, structural, structural_specs

__all__ = ["Built", "panel_formula", "panel_specs", "structural", "structural_specs"]
