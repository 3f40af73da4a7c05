"""What is estimated: structural models in lavaan syntax, products of causes, panel formulas; what a card can carry."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
