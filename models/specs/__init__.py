"""What is estimated: structural models in lavaan syntax, products of causes, panel formulas; what a card can carry."""

from models.specs.build import (
    Built,
    names,
    necessity,
    panel_formula,
    panel_specs,
    roll_outs,
    structural,
    structural_specs,
)
from models.specs.products import Product, indicators, paired, products

__all__ = [
    "Built",
    "Product",
    "indicators",
    "names",
    "necessity",
    "paired",
    "panel_formula",
    "panel_specs",
    "products",
    "roll_outs",
    "structural",
    "structural_specs",
]
