"""Measurement: what the items of a survey are worth before any structure is estimated."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
