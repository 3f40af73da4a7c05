"""The survey: latent variables, answers, and what spoils answers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.benchmark.declaration import TRUTH, cells, spread
from models.benchmark.design import Design, quotas
from models.benchmark.population import Population

LOWEST, HIGHEST = 1, 7
NO_ANSWER = -99
AGE_BANDS = {"gen_z": ["18-24", "25-28"], "older": ["29-39", "40-54", "55+"]}
SKIPPED_PAGE = ("identification", "stickiness", "loyalty")
SKIPPERS = 0.2


def items() -> list[str]:
    """Columns of the items in the order of the questionnaire."""
    return [item for entry in TRUTH["survey"]["measurement"].values() for item in entry["items"]]


def draw_latents(population: Population, cell: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n, k) latent variables of people in given cells, causes first."""
    k = len(population.names)
    within = rng.standard_normal((len(cell), k)) @ np.linalg.cholesky(population.disturbance).T
    for j, name in enumerate(population.names):
        for cause in np.flatnonzero(population.paths[:, j].any(axis=0)):
            within[:, j] += population.paths[cell, j, cause] * within[:, cause]
        for interaction in population.products:
            if interaction.effect == name:
                a, b = (population.at(cause) for cause in interaction.causes)
                within[:, j] += interaction.size * (within[:, a] * within[:, b] - population.covariance[cell, a, b])
    return within + population.mean[cell]


def draw_responses(population: Population, cell: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n, items) continuous responses behind the answers, high = more of the construct."""
    survey, eta = TRUTH["survey"], draw_latents(population, cell, rng)
    columns = []
    for construct, entry in survey["measurement"].items():
        for item, loading in entry["items"].items():
            intercept = entry["intercept"] + spread(survey["intercept_shifts"].get(item, {}))[cell]
            columns.append(intercept + loading * eta[:, population.at(construct)])
    return np.column_stack(columns) + survey["error_sd"] * rng.standard_normal((len(cell), len(columns)))


def draw(design: Design, population: Population, rng: np.random.Generator) -> pd.DataFrame:
    """The export of the survey platform.

    An answer is the response rounded to the nearest of 1 … 7. Equidistant thresholds keep the unit of the responses, so
    that loadings and paths of a model that takes answers as continuous are those of the declared truth; rounding adds
    about 1/12 to the variance of an item's error (Sheppard 1898), and at most one response in a hundred lies beyond
    the ends of the scale.

    Returns
    -------
    One row a respondent: `respondent`, `platform`, `age_band`, `country`, `seconds`, items (blank, -99: no answer).
    """
    n, names = design.respondents, items()
    cell = quotas(n, rng)
    answers = np.clip(np.rint(draw_responses(population, cell, rng)), LOWEST, HIGHEST)
    backwards = [names.index(item) for item in TRUTH["survey"]["reversed"]]
    answers[:, backwards] = LOWEST + HIGHEST - answers[:, backwards]
    seconds = rng.lognormal(np.log(600), 0.35, n)

    careless = rng.permutation(n)[: round(design.careless * n)]
    liners, random = np.array_split(careless, 2)
    answers[liners] = rng.integers(LOWEST, HIGHEST + 1, (len(liners), 1))
    answers[random] = rng.integers(LOWEST, HIGHEST + 1, (len(random), len(names)))
    seconds[careless] = rng.lognormal(np.log(70), 0.25, len(careless))

    answers = _with_gaps(answers, design.missing, rng)
    people = cells().loc[cell, ["platform_type", "country"]].rename(columns={"platform_type": "platform"})
    table = people.reset_index(drop=True)
    table.insert(1, "age_band", age_bands(cell, rng))
    table["seconds"] = np.rint(seconds).astype(int)
    table = pd.concat([table, pd.DataFrame(answers, columns=names)], axis=1)
    complete = np.flatnonzero(~(np.isnan(answers) | (answers == NO_ANSWER)).any(axis=1))
    again = rng.choice(complete, min(design.duplicates, len(complete)), replace=False)
    table = pd.concat([table, table.iloc[again]], ignore_index=True)
    table.insert(0, "respondent", [f"R{i:06d}" for i in range(1, len(table) + 1)])
    return table


def age_bands(cell: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(n,) age band of each person, drawn evenly from those of the generation."""
    generation = cells()["generation"].to_numpy()[cell]
    bands = np.empty(len(cell), dtype=object)
    for name, choices in AGE_BANDS.items():
        members = generation == name
        bands[members] = rng.choice(choices, members.sum())
    return bands


def _with_gaps(answers: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Leave out answers: some people skip items at random; some skip a page, the likelier the lower their first answer.

    The first question is compulsory, so that what decides on the skipped page is always seen (missing at random).
    """
    n, columns = answers.shape
    names = items()
    skips = (rng.random((n, 1)) < SKIPPERS) & (rng.random((n, columns)) < 0.6 * share / SKIPPERS)
    page = np.isin(names, [i for c in SKIPPED_PAGE for i in TRUTH["survey"]["measurement"][c]["items"]])
    tendency = 2 / (1 + np.exp(answers[:, 0] - TRUTH["survey"]["measurement"]["value_functional"]["intercept"]))
    skips |= (rng.random(n) < 0.4 * share / page.mean() * tendency)[:, None] & page
    skips[:, 0] = False
    refused = rng.random((n, columns)) < 0.5
    return np.where(skips, np.where(refused, NO_ANSWER, np.nan), answers)
