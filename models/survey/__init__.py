"""The theory's models on the answers of one survey: structural equations, what they rest on, and their rivals."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
