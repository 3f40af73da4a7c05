"""How often a survey's hypotheses come out *supported*, and beside what named threat, where the truth is known.

    uv run python benchmarks/recovery_of_grades.py [draws] [people]

Five constructs of three items on seven points. For every truth: the share of samples in which a hypothesis is
supported, and the shares of these in which each rival account is named beside it.
"""

from __future__ import annotations

import sys

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


# Truth → correlations of the constructs, loading of a common method, share of careless people, which rival is true.
TRUTHS: dict[str, tuple[np.ndarray, float, float, str]] = {
    "every path .3, mechanisms .3": (arrows(0.3, 0.3, 0.3), 0.0, 0.0, ""),
    "every path .3, mechanisms .4": (arrows(0.4, 0.3, 0.3), 0.0, 0.0, ""),
    "every path .3, mechanisms 0": (arrows(0.0, 0.3, 0.3), 0.0, 0.0, ""),
    "the same, 10% careless": (arrows(0.4, 0.3, 0.3), 0.0, 0.1, ""),
    "a cause of value and stickiness omitted": (arrows(0.4, 0.3, 0.3, direct=0.3), 0.0, 0.0, ""),
    "nothing": (np.eye(5), 0.0, 0.0, ""),
    "common method .4": (np.eye(5), 0.4, 0.0, "one_source"),
    "common method .5": (np.eye(5), 0.5, 0.0, "one_source"),
    "one cause behind all (.6)": (equal(0.36), 0.0, 0.0, "one_source"),
    "reversed order (.5)": (reversed_order(0.5), 0.0, 0.0, "reversed_order"),
    "reversed order (.3)": (reversed_order(0.3), 0.0, 0.0, "reversed_order"),
}


def answers(R: np.ndarray, method: float, careless: float, n: int, rng: np.random.Generator) -> pd.DataFrame:
    factors, common = rng.multivariate_normal(np.zeros(5), R, n), rng.standard_normal(n)
    columns = {}
    for k, name in enumerate(CONSTRUCTS):
        for item, loading in zip(SCALES[name], LOADINGS, strict=True):
            noise = np.sqrt(max(1 - loading**2 - method**2, 0.05))
            response = loading * factors[:, k] + method * common + noise * rng.standard_normal(n)
            columns[item] = np.clip(np.round(4 + 1.3 * response), 1, 7)
    frame = pd.DataFrame(columns)
    if careless:
        at = rng.random(n) < careless
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
    for name, (R, method, careless, true) in TRUTHS.items():
        rng = np.random.default_rng(sum(map(ord, name)))
        supported = dict.fromkeys(SHOWN, 0)
        beside = {key: {"one_source": 0, "reversed_order": 0} for key in SHOWN}
        done = 0
        for _ in range(draws):
            try:
                found, threats = verdicts(answers(R, method, careless, people, rng))
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
        line = {"truth": name, "true rival": true or "–", "samples": done}
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
