"""What is missing: data sets that could test each hypothesis, and what the others would have had to measure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from models import results, specs, theory
from models.across.studies import Study

NO_DATA = "no_data"


def gaps(studies: Sequence[Study]) -> pd.DataFrame:
    """How many data sets could test each hypothesis, kind of data by kind of data, and what the rest did not measure.

    Parameters
    ----------
    studies : sequence of Study
        Observed data sets.

    Returns
    -------
    Rows `synthesis_gaps`: `tested` (n = data sets with data of the kind), and `lacking` of each construct (group) that
    was the reason why not, with the number of data sets.
    """
    rows: list[dict] = []
    for kind in specs.synthesis().estimands:
        found = [s.verdicts[s.verdicts["kind"] == kind].set_index("hypothesis") for s in studies]
        offered = [table for table in found if not table["reason"].eq(NO_DATA).all()]
        for hypothesis in theory.hypotheses():
            cells = [table.loc[hypothesis] for table in offered if hypothesis in table.index]
            tested = sum(cell["verdict"] != "not_testable" for cell in cells)
            rows.append({"term": hypothesis, "quantity": "tested", "estimate": tested, "sample": kind, "n": len(cells)})
            lacking = Counter(name for cell in cells for name in filter(None, cell["lacks"].split(", ")))
            rows += [
                {"term": hypothesis, "group": name, "quantity": "lacking", "estimate": count, "sample": kind}
                | {"n": len(cells)}
                for name, count in lacking.most_common()
            ]
    return results.rows(rows, table="synthesis_gaps")
