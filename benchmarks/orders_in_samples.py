"""In which share of samples of answers a rival account is named beside an effect of value that stands.

    uv run python -m benchmarks.orders_in_samples [draws] [people]

Each sample of a truth of `recovery_of_grades.py` is fitted by the main model alone, without verdicts, so that many
samples take a minute: the shares that the limits `rival_surplus` and `rival_uncorrelated` are set by.
"""

from __future__ import annotations

import sys
import zlib
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
import pandas as pd

from benchmarks.recovery_of_grades import SCALES, TRUTHS, answers
from models import survey
from models.choices import choices
from models.sem import SemError
from models.survey.rival_accounts import rival_accounts

RIVALS = ("one_source", "reversed_order")


def sample(name: str, people: int, number: int) -> dict[str, float] | None:
    """Which rivals are named in one sample; None where no effect of value on identification stands in it."""
    data = answers(TRUTHS[name], people, np.random.default_rng([zlib.crc32(name.encode()), number]))
    try:
        model = survey.structural(survey.MAIN, data, SCALES)
    except SemError:
        return None
    assert model is not None
    found = model.fit.tidy().set_index(["lhs", "op", "rhs"]).loc[("identification", "~", "value")]
    if not (found["est"] > 0 and found["pvalue"] < choices.alpha):
        return None
    rows = rival_accounts(model)
    return rows[rows["quantity"] == "named"].set_index("term")["estimate"].to_dict()


def main(draws: int, people: int) -> None:
    with ProcessPoolExecutor() as pool:
        for place, name in enumerate(TRUTHS):
            found = [one for one in pool.map(partial(sample, name, people), range(draws), chunksize=10) if one]
            line = {"truth": name, "stands": len(found) / draws, **pd.DataFrame(found, columns=RIVALS).mean()}
            print(pd.DataFrame([line]).round(2).to_string(index=False, header=place == 0), flush=True)


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    main(*(given + [500, 400][len(given) :]))
