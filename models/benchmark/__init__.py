"""The benchmark: a survey, an event log and a panel simulated from the theory with a known truth (`truth.yaml`)."""

from models.benchmark.declaration import TRUTH
from models.benchmark.design import Design
from models.benchmark.errors import BenchmarkError, DeclarationError, DesignError
from models.benchmark.simulate import Simulation, simulate
from models.benchmark.truth import truth_table

__all__ = [
    "TRUTH",
    "BenchmarkError",
    "DeclarationError",
    "Design",
    "DesignError",
    "Simulation",
    "simulate",
    "truth_table",
]
