"""The theory's models on one log, panel or cohort: regressions, dynamic models, roll-outs, time until an event."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
