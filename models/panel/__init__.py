"""Panel models: a formula in, a result object out, the same interface for every estimator."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
