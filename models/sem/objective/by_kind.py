"""The one place that knows which objective a kind of sample has."""

from __future__ import annotations

from collections.abc import Callable

from models.sem.model.matrices import Structure
from models.sem.objective.missing import incomplete_objective
from models.sem.objective.objective import Objective, complete_objective
from models.sem.objective.ordinal_objective import ordinal_objective
from models.sem.samples.sample import Kind, Sample

OBJECTIVES: dict[Kind, Callable[[Structure, Sample, str], Objective]] = {
    "complete": complete_objective,
    "incomplete": incomplete_objective,
    "ordinal": ordinal_objective,
}


def objective_of(structure: Structure, sample: Sample, discrepancy: str) -> Objective:
    """Return what estimation minimises: ``"ML"``, ``"GLS"``, ``"ULS"`` or ``"DWLS"`` of a sample of any kind."""
    return OBJECTIVES[sample.kind](structure, sample, discrepancy)
