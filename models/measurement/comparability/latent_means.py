"""Latent mean differences between groups, with effect sizes."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from models import sem
from models.choices import choices
from models.remarks import Remarks, remark
from models.statistics.distributions import normal_quantile


def latent_means(
    fit: sem.Fit, freed: Sequence[str], labels: pd.Series, level: float = choices.confidence
) -> pd.DataFrame:
    r"""Read latent mean differences from a (partially) scalar invariant model.

    Parameters
    ----------
    fit : sem.Fit
        Loadings and intercepts equal across groups; the first group's factors have mean 0.
    freed : sequence of str
        Names of released parameters, for the note.
    labels : Series
        Group of each respondent, the reference group first.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row a construct and group other than the reference: ``construct reference group difference se z pvalue
        ci_lower ci_upper d n note``.

    Notes
    -----
    :math:`d=(\kappa_g-\kappa_1)/\sqrt{(n_1\phi_1+n_g\phi_g)/(n_1+n_g)}`: the difference in pooled standard
    deviations of the factor itself, free of measurement error (Hancock 2001, doi:10.1007/BF02294440).
    """
    table = fit.tidy()
    size = labels.value_counts()
    names = list(dict.fromkeys(labels))
    reference = names[0]
    factors = table.loc[table["op"] == "=~", "lhs"].drop_duplicates()
    rows_by_name = table.set_index(["group", "lhs", "op", "rhs"]).to_dict("index")
    width = normal_quantile((1 + level) / 2)
    note = Remarks.of(remark("released_parameters", parameters=list(freed))) if freed else Remarks()
    rows = []
    for factor in factors:
        for group in names[1:]:
            mean = rows_by_name[group, factor, "~1", ""]
            variances = [rows_by_name[g, factor, "~~", factor]["est"] for g in (reference, group)]
            weights = [size[reference], size[group]]
            rows.append(
                {
                    "construct": factor,
                    "reference": reference,
                    "group": group,
                    "difference": mean["est"],
                    "se": mean["se"],
                    "z": mean["z"],
                    "pvalue": mean["pvalue"],
                    "ci_lower": mean["est"] - width * mean["se"],
                    "ci_upper": mean["est"] + width * mean["se"],
                    "d": mean["est"] / np.sqrt(np.average(variances, weights=weights)),
                    "n": int(size[group]),
                    "note": note,
                }
            )
    return pd.DataFrame(rows)
