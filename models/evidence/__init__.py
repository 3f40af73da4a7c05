"""From estimates to verdicts, by rules that are declared with the theory."""

from models.evidence.recovery import recovery
from models.evidence.verdicts import VERDICTS, verdicts

__all__ = ["VERDICTS", "recovery", "verdicts"]
