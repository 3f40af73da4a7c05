"""In which direction estimates of the long table are clear."""

from __future__ import annotations

import numpy as np
import pandas as pd

from models.choices import choices


def clear_sign(rows: pd.DataFrame) -> pd.Series:
    """Return 1 or −1 where an estimate differs from zero at `choices.alpha`, 0 where it does not.

    Parameters
    ----------
    rows
        (rows,) frame with the columns `estimate` and `pvalue` of the long table.
    """
    return np.sign(rows["estimate"].astype(float)).where(rows["pvalue"].astype(float) < choices.alpha, 0.0)
