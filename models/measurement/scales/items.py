"""Item statistics: distribution, floor and ceiling, discrimination."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from models.measurement.scales.reliability import cronbach_alpha
from models.measurement.scales.scales import Limits, Scales, check_limits, check_scales
from models.remarks import Remarks, remark


def items(data: pd.DataFrame, scales: Scales, limits: Limits | None = None) -> pd.DataFrame:
    """Describe every item on its own and within its scale.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, items numeric, missing as NaN.
    scales : mapping of str to list of str
        Construct → its items.
    limits : (low, high), or mapping of item to such a pair, optional
        The answer format. By default the lowest and highest answer seen in the item's scale.

    Returns
    -------
    DataFrame
        One row an item: ``item construct n missing mean sd skew kurtosis floor ceiling item_total alpha_if_deleted
        note``. `missing`, `floor` and `ceiling` are shares: of all rows, and of those who answered.

    Raises
    ------
    MeasurementError
        Scales that contradict themselves, items that are no numeric columns, too few rows, or limits of an item that is
        no column or whose lowest answer is not below the highest.

    Notes
    -----
    Skewness and excess kurtosis are the bias-adjusted :math:`G_1, G_2` (type 2 of Joanes & Gill 1998,
    doi:10.1111/1467-9884.00122). `item_total` is the correlation of the item with the sum of the *other* items of its
    scale, `alpha_if_deleted` Cronbach's alpha of those others; both on the rows that are complete for the scale.

    Examples
    --------
    >>> from models import measurement, sem
    >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=1)
    >>> scales = {"trust": ["t1", "t2", "t3"], "use": ["u1", "u2", "u3"]}
    >>> measurement.items(answers, scales)[["item", "item_total", "alpha_if_deleted"]].head(2).round(2)
      item  item_total  alpha_if_deleted
    0   t1        0.57              0.67
    1   t2        0.55              0.70
    """
    answers = check_scales(data, scales)
    check_limits(data, limits)
    rows = []
    for construct, columns in scales.items():
        block = answers[list(columns)]
        complete = block.dropna().to_numpy()
        for position, item in enumerate(columns):
            low, high = _limits(limits, item, block)
            rows.append(
                {"item": item, "construct": construct}
                | _distribution(block[item], low, high)
                | _discrimination(complete, position)
            )
    return pd.DataFrame(rows)


def _limits(limits: Limits | None, item: str, block: pd.DataFrame) -> tuple[float, float]:
    given = limits.get(item) if isinstance(limits, Mapping) else limits
    if given is not None:
        return given
    seen = block.to_numpy()[block.notna().to_numpy()]
    return (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 0.0)


def _distribution(item: pd.Series, low: float, high: float) -> dict:
    x = item.dropna().to_numpy()
    varies = len(x) > 3 and np.ptp(x) > 0
    skew, kurtosis = _shape(x) if varies else (np.nan, np.nan)
    return {
        "n": len(x),
        "missing": float(item.isna().mean()),
        "mean": float(x.mean()) if len(x) else np.nan,
        "sd": float(x.std(ddof=1)) if len(x) > 1 else np.nan,
        "skew": skew,
        "kurtosis": kurtosis,
        "floor": float((x <= low).mean()) if len(x) else np.nan,
        "ceiling": float((x >= high).mean()) if len(x) else np.nan,
    }


def _shape(x: np.ndarray) -> tuple[float, float]:
    """Skewness G₁ and excess kurtosis G₂ of a sample (Joanes & Gill 1998, doi:10.1111/1467-9884.00122)."""
    n, d = len(x), x - x.mean()
    m2, m3, m4 = (float(np.mean(power)) for power in (d**2, d**2 * d, (d**2) ** 2))
    skew = ((n - 1) * n) ** 0.5 / (n - 2) * m3 / m2**1.5
    return skew, 1 / (n - 2) / (n - 3) * ((n**2 - 1) * m4 / m2**2 - 3 * (n - 1) ** 2)


def _discrimination(complete: np.ndarray, position: int) -> dict:
    n, k = complete.shape
    others = np.delete(complete, position, axis=1)
    result: dict = {"item_total": np.nan, "alpha_if_deleted": np.nan, "note": Remarks()}
    obstacle = None
    if k == 1:
        obstacle = remark("scale_of_one_item")
    elif n < 3:
        obstacle = remark("few_complete_for_scale", n=n)
    elif np.ptp(complete[:, position]) == 0 or np.ptp(others.sum(axis=1)) == 0:
        obstacle = remark("constant_item_or_rest")
    if obstacle:
        return result | {"note": Remarks.of(remark("item_total_not_applicable", why=obstacle))}
    result["item_total"] = float(np.corrcoef(complete[:, position], others.sum(axis=1))[0, 1])
    if k == 2:
        result["note"] = Remarks.of(remark("alpha_if_deleted_not_applicable", why=remark("one_item_remains")))
    else:
        result["alpha_if_deleted"] = cronbach_alpha(np.cov(others, rowvar=False))
    if result["item_total"] < 0:
        result["note"] = Remarks.of(remark("negative_item_total"))
    return result
