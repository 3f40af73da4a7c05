"""From estimates to verdicts, by rules that are declared with the theory."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
