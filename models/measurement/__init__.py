"""Measurement: what the items of a survey are worth before any structure is estimated."""

from models.measurement.errors import MeasurementError
from models.measurement.items import items
from models.measurement.reliability import reliability
from models.measurement.validity import Validity, validity

__all__ = ["MeasurementError", "Validity", "items", "reliability", "validity"]
