"""The benchmark: a survey, an event log and a panel simulated from the theory with a known truth (`truth.yaml`)."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
