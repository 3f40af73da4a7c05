"""How often a data set says *supported* or *opposite* of a hypothesis in data like it in which nothing is true."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from models import results, theory
from models.statistics.shares import exact_interval
from models.theory import Equivalence

COUNTED = ("supported", "opposite")


def false_verdicts(verdicts: Sequence[pd.DataFrame], kind: str) -> pd.DataFrame:
    """Shares over all simulated data sets, those included in which a hypothesis could not be tested.

    That groups do not differ is true where nothing is: hypotheses that claim equality are left out.

    Parameters
    ----------
    verdicts
        Of each simulated data set, as `verdicts` gives them.
    kind
        Survey or panel.

    Returns
    -------
    Rows `null_verdicts` of the results table, of each hypothesis that was ever tested: `supported` and `opposite` with
    exact intervals, `tested`; n counts simulated data sets.
    """
    every = pd.concat([one[one["kind"] == kind] for one in verdicts], ignore_index=True)
    rows: list[dict] = []
    for key, hypothesis in theory.hypotheses().items():
        said = every[every["hypothesis"] == key]["verdict"]
        tested = int((said != "not_testable").sum())
        if not tested or isinstance(getattr(hypothesis, kind), Equivalence):
            continue
        common = {"table": "null_verdicts", "sample": kind, "hypothesis": key, "n": len(verdicts)}
        for quantity in COUNTED:
            count = int((said == quantity).sum())
            low, high = exact_interval(count, len(verdicts))
            rows.append(
                common | {"quantity": quantity, "estimate": count / len(verdicts), "ci_lower": low, "ci_upper": high}
            )
        rows.append(common | {"quantity": "tested", "estimate": tested / len(verdicts)})
    return results.rows(rows)
