"""Measurement: what the items of a survey are worth before any structure is estimated."""

from models.measurement.alignment import Alignment, align
from models.measurement.dimensionality import Adequacy, Harman, ParallelAnalysis, adequacy, harman, parallel_analysis
from models.measurement.errors import MeasurementError
from models.measurement.estimable import not_estimable
from models.measurement.invariance import Invariance, invariance
from models.measurement.invariance_steps import Cutoffs
from models.measurement.items import items
from models.measurement.method_variance import MethodVariance, method_variance
from models.measurement.misfit import misfit
from models.measurement.multiple_imputation import Pooled, impute, multiple_imputation, pool
from models.measurement.necessary_condition import NecessaryCondition, necessary_condition
from models.measurement.power import Power, minimum_detectable, power
from models.measurement.reliability import reliability
from models.measurement.response_flags import ResponseQuality, Thresholds
from models.measurement.response_quality import response_quality
from models.measurement.scales import scale_scores
from models.measurement.validity import Validity, validity

__all__ = [
    "Adequacy",
    "Alignment",
    "Cutoffs",
    "Harman",
    "Invariance",
    "MeasurementError",
    "MethodVariance",
    "NecessaryCondition",
    "ParallelAnalysis",
    "Pooled",
    "Power",
    "ResponseQuality",
    "Thresholds",
    "Validity",
    "adequacy",
    "align",
    "harman",
    "impute",
    "invariance",
    "items",
    "method_variance",
    "minimum_detectable",
    "misfit",
    "multiple_imputation",
    "necessary_condition",
    "not_estimable",
    "parallel_analysis",
    "pool",
    "power",
    "reliability",
    "response_quality",
    "scale_scores",
    "validity",
]
