"""How often a survey's hypotheses come out *supported*, and beside what named threat, where the truth is known.

    uv run python benchmarks/recovery_of_grades.py [draws] [people]

Five constructs of three items on seven points. For every truth: the share of samples in which a hypothesis is
supported, and the shares of these in which each rival account is named beside it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models import evidence, survey, theory
from models.evidence import Offer
from models.results import whole
from models.sem import SemError
from models.survey.rival_accounts import rival_accounts

CONSTRUCTS = ("value", "trust", "participation", "identification", "stickiness")
SCALES = {name: [f"{name}{i}" for i in range(3)] for name in CONSTRUCTS}
LOADINGS = (0.69, 0.72, 0.75)
SHOWN = ("H1a", "H2", "H3a")


def arrows(rho: float, path: float, last: float, direct: float = 0.0) -> np.ndarray:
    """The theory's order; `direct` goes from the first mechanism to stickiness."""
    R = np.eye(5)
    R[:3, :3] = rho + (1 - rho) * np.eye(3)
    R[:3, 3] = R[3, :3] = path * (1 + 2 * rho)
    R[:3, 4] = R[4, :3] = last * R[:3, 3] + direct * R[:3, 0]
    R[3, 4] = R[4, 3] = last + direct * R[0, 3]
    return R


def equal(r: float) -> np.ndarray:
    return r + (1 - r) * np.eye(5)


def reversed_order(path: float) -> np.ndarray:
    R = np.full((5, 5), path**2)
    R[3, :] = R[:, 3] = path
    np.fill_diagonal(R, 1.0)
    return R


@dataclass(frozen=True)
class Truth:
    """Correlations of the constructs, the true rival, and what else is wrong with the answers.

    Attributes
    ----------
    method : loading of a common method.
    careless : share of people who answer at random.
    other_items : loadings of the mechanisms' items in every second person; None where all answer alike.
    square : coefficient of the square of value in identification.
    """

    R: np.ndarray
    rival: str = ""
    method: float = 0.0
    careless: float = 0.0
    other_items: tuple[float, float, float] | None = None
    square: float = 0.0


TRUE = arrows(0.4, 0.3, 0.3)
TRUTHS = {
    "every path .3, mechanisms .3": Truth(arrows(0.3, 0.3, 0.3)),
    "every path .3, mechanisms .4": Truth(TRUE),
    "every path .3, mechanisms 0": Truth(arrows(0.0, 0.3, 0.3)),
    "the same, 10% careless": Truth(TRUE, careless=0.1),
    "the same, items of the mechanisms load differently in every second person": Truth(
        TRUE, other_items=(0.75, 0.45, 0.45)
    ),
    "the same, value also acts by its square (.2)": Truth(TRUE, square=0.2),
    "value acts by its square alone (.3)": Truth(np.eye(5), square=0.3),
    "a cause of value and stickiness omitted": Truth(arrows(0.4, 0.3, 0.3, direct=0.3)),
    "nothing": Truth(np.eye(5)),
    "common method .4": Truth(np.eye(5), "one_source", method=0.4),
    "common method .5": Truth(np.eye(5), "one_source", method=0.5),
    "one cause behind all (.6)": Truth(equal(0.36), "one_source"),
    "reversed order (.5)": Truth(reversed_order(0.5), "reversed_order"),
    "reversed order (.3)": Truth(reversed_order(0.3), "reversed_order"),
}


def answers(truth: Truth, n: int, rng: np.random.Generator) -> pd.DataFrame:
    factors, common = rng.multivariate_normal(np.zeros(5), truth.R, n), rng.standard_normal(n)
    factors[:, 3] += truth.square * (factors[:, 0] ** 2 - 1)
    columns, second = {}, np.arange(n) % 2 == 1
    for k, name in enumerate(CONSTRUCTS):
        others = truth.other_items if truth.other_items and k < 3 else LOADINGS
        for item, first, other in zip(SCALES[name], LOADINGS, others, strict=True):
            loading = np.where(second, other, first)
            noise = np.sqrt(np.maximum(1 - loading**2 - truth.method**2, 0.05))
            response = loading * factors[:, k] + truth.method * common + noise * rng.standard_normal(n)
            columns[item] = np.clip(np.round(4 + 1.3 * response), 1, 7)
    frame = pd.DataFrame(columns)
    if truth.careless:
        at = rng.random(n) < truth.careless
        frame.loc[at] = rng.integers(1, 8, (int(at.sum()), frame.shape[1])).astype(float)
    return frame


def verdicts(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Verdicts and the threats that they were exposed to."""
    model = survey.structural(survey.MAIN, data, SCALES)
    assert model is not None
    effects = survey.effect_rows(model.fit, survey.Resampling(39, 1), survey.hypothesis_of(survey.MAIN))
    parts = [survey.structural_rows(model), effects.assign(model=survey.MAIN), rival_accounts(model)]
    rows = whole(pd.concat(parts, ignore_index=True).assign(sample="survey"))
    for column in ("group", "note", "hypothesis", "definition"):
        rows[column] = rows[column].fillna("")
    offer = Offer(("survey",), {"survey": theory.offered(set(CONSTRUCTS))}, {"survey": {}}, ())
    found = evidence.verdicts(rows, offer)
    return found[found["kind"] == "survey"].set_index("hypothesis"), evidence.exposure(rows, found)


def main(draws: int, people: int) -> None:
    lines = []
    for name, truth in TRUTHS.items():
        rng = np.random.default_rng(sum(map(ord, name)))
        supported = dict.fromkeys(SHOWN, 0)
        beside = {key: {"one_source": 0, "reversed_order": 0} for key in SHOWN}
        done = 0
        for _ in range(draws):
            try:
                found, threats = verdicts(answers(truth, people, rng))
            except SemError:
                continue
            done += 1
            for key in SHOWN:
                if found.loc[key, "verdict"] != "supported":
                    continue
                supported[key] += 1
                own = threats[(threats["hypothesis"] == key) & (threats["estimate"] == 1)]
                for rival in beside[key]:
                    beside[key][rival] += int((own["term"] == rival).any())
        line = {"truth": name, "true rival": truth.rival or "–", "samples": done}
        for key in SHOWN:
            line[f"{key} supported"] = supported[key] / max(done, 1)
            for rival, count in beside[key].items():
                if rival == "reversed_order" or key != "H3a":
                    line[f"{key}: {rival}"] = count / supported[key] if supported[key] else np.nan
        lines.append(line)
        print(pd.DataFrame([line]).round(2).to_string(index=False, header=len(lines) == 1), flush=True)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [100, 400][len(given) :]))
