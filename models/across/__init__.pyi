from .all_sets import analyses
from .studies import Study, needed
from .what_enters import effects

__all__ = ["Study", "analyses", "effects", "needed"]
