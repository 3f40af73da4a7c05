"""One call from a design and a seed to the raw tables and their truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.benchmark import behaviour as panel_step
from models.benchmark import events as log_step
from models.benchmark import survey as survey_step
from models.benchmark.design import Design
from models.benchmark.population import population
from models.benchmark.truth import truth_table


@dataclass(frozen=True, eq=False)
class Simulation:
    """Simulated raw tables and what is true of them.

    Attributes
    ----------
    survey, events, users
        As a survey platform and a shop would export them, flaws included.
    panel
        What a faultless cleaning of the log arrives at: `entity`, `time`, groups, measures; paused months blank.
    truth
        See `truth_table`.
    """

    survey: pd.DataFrame
    events: pd.DataFrame
    users: pd.DataFrame
    panel: pd.DataFrame
    truth: pd.DataFrame


def simulate(design: Design, seed: int) -> Simulation:
    """Simulate the benchmark.

    Parameters
    ----------
    design
        Sizes, flaws and the factor on the hypothesised effects.
    seed
        Whole number ≥ 0; survey, panel and log have their own streams: one's size does not change another.
    """
    streams = [np.random.default_rng([seed, stream]) for stream in range(3)]
    survey = survey_step.draw(design, population(design.effect_scale), streams[0])
    behaviour = panel_step.draw(design, streams[1])
    events, users = log_step.draw(design, behaviour, streams[2])
    return Simulation(survey, events, users, behaviour.panel, truth_table(design.effect_scale))
