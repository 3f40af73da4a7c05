from .all_sets import analyses
from .effects import effects
from .studies import Study, needed

__all__ = ["Study", "analyses", "effects", "needed"]
