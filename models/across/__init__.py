"""The theory on several data sets: which effects enter, their means, what explains differences, a path model."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
