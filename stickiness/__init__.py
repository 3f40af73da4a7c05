"""The science of this project under one name: `from stickiness import sem, panel, measurement`.

Each of the three loads what is asked of it, so that importing them costs nothing.
"""

from models import measurement, panel, sem

__all__ = ["measurement", "panel", "sem"]
