"""Synthesis: what several data sets say together, where they differ, and what a further one would show."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
