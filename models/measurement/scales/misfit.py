"""Where the measurement model is wrong: cross-loadings and residual covariances that it leaves out."""

import pandas as pd

from models import sem
from models.choices import choices
from models.measurement.errors import ScaleError
from models.measurement.options import Gaps, Likelihood
from models.measurement.scales.confirm import confirm, latent_names
from models.measurement.scales.scales import Scales, check_scales
from models.remarks import remark
from models.statistics.multiple_testing import holm


def misfit(
    data: pd.DataFrame,
    scales: Scales,
    minimum: float = choices.misfit_index,
    estimator: Likelihood = choices.confirmatory_estimator,
    missing: Gaps = choices.measurement_missing,
) -> pd.DataFrame:
    """List what freeing would improve the confirmatory factor model of all scales, the largest gain first.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, items numeric, missing as NaN.
    scales : mapping of str to list of str
        Construct → its items.
    minimum : float
        Smallest modification index listed.
    estimator : {"ML", "MLR"}
        As in `confirmed`; modification indices are those of normal answers with either.
    missing : {"fiml", "listwise"}
        Full information, or only people who answered every item.

    Returns
    -------
    DataFrame
        ``kind item construct other mi pvalue pvalue_holm epc sepc_all``: a ``cross_loading`` of `item` on the construct
        `other`, or a ``residual_covariance`` of `item` with the item `other`; `epc` the expected change, `sepc_all`
        standardised. `pvalue_holm` is adjusted for all parameters of the kind that could be freed, listed or not;
        `attrs` counts them by kind (`candidates`), and the people that the model rests on (`n`).

    Raises
    ------
    FactorModelError
        The model cannot be fitted.
    ScaleError
        One scale only, without residuals that could covary.

    Notes
    -----
    A diagnostic: parameters freed because of it are found on the same data and would need new ones to be tested
    (MacCallum, Roznowski & Necowitz 1992, doi:10.1037/0033-2909.111.3.490).

    Examples
    --------
    >>> from models import measurement, sem
    >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; t1 ~~ 0.5*u1", 200, seed=1)
    >>> scales = {"trust": ["t1", "t2", "t3"], "use": ["u1", "u2", "u3"]}
    >>> measurement.misfit(answers, scales)[["kind", "item", "other", "mi"]].head(1).round(2)
                      kind item other     mi
    0  residual_covariance   t1    u1  18.71
    """
    if len(scales) < 2:
        raise ScaleError(remark("one_scale_without_cross_loadings"))
    model = confirm(check_scales(data, scales), scales, estimator, missing)
    table = sem.modification_indices(model.fit, op=("=~", "~~"))
    constructs = {factor: construct for construct, factor in latent_names(scales).items()}
    owner = {item: construct for construct, items in scales.items() for item in items}
    rows = []
    for r in table.itertuples():
        if r.op == "=~" and r.rhs in owner:
            kind, item, other = "cross_loading", r.rhs, constructs[r.lhs]
        elif r.op == "~~" and r.lhs in owner and r.rhs in owner and r.lhs != r.rhs:
            kind, item, other = "residual_covariance", r.lhs, r.rhs
        else:
            continue
        row = {"kind": kind, "item": item, "construct": owner[item], "other": other}
        rows.append(row | {"mi": r.mi, "pvalue": r.pvalue, "epc": r.epc, "sepc_all": r.sepc_all})
    columns = ["kind", "item", "construct", "other", "mi", "pvalue", "epc", "sepc_all"]
    found = pd.DataFrame(rows, columns=columns)
    found.insert(6, "pvalue_holm", found.groupby("kind")["pvalue"].transform(lambda p: holm(p.to_numpy(float))))
    listed = found[found["mi"] >= minimum].reset_index(drop=True)
    candidates = {kind: int(n) for kind, n in found["kind"].value_counts().items()}
    listed.attrs = {"n": model.fit.n, "candidates": candidates}
    return listed
