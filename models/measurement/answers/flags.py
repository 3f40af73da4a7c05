"""Flags of doubtful answers: when they are raised, with which reason, and what a rule of exclusion makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.choices import choices
from models.measurement.errors import UnknownColumnError, suggestion
from models.messages.summary import Summarised
from models.remarks import Remark, Remarks, remark

REFERENCES = {
    "missing": "Hair et al. (2021), doi:10.1007/978-3-030-80519-7",
    "impossible_value": "answer format of the codebook",
    "long_string": "Curran (2016), doi:10.1016/j.jesp.2015.07.006",
    "low_variability": "Dunn et al. (2018), doi:10.1007/s10869-016-9479-0",
    "mahalanobis": "Meade & Craig (2012), doi:10.1037/a0028085",
    "even_odd": "Jackson (1977) in Curran (2016), doi:10.1016/j.jesp.2015.07.006",
    "duplicate": "Kuriakose & Robbins (2016), doi:10.3233/SJI-160978",
    "near_duplicate": "Kuriakose & Robbins (2016), doi:10.3233/SJI-160978",
    "fast": "Huang et al. (2012), doi:10.1007/s10869-011-9231-8",
    "noise_block": "scan statistic, Kulldorff (1997), doi:10.1080/03610929708831995",
}


@dataclass(frozen=True)
class Thresholds:
    """When an index becomes a flag. No flag is a proof; the rule of exclusion is the study's, set before the analysis.

    Defaults are those of `models/choices.yaml`.

    Attributes
    ----------
    missing : float
        Largest share of items without an answer (Hair et al. 2021).
    long_string : float
        Longest run of one answer as a share of the items answered (Curran 2016).
    variability_deviations : float
        Variability this many robust deviations (1.4826 MAD) below the median, or zero (cut: Leys et al. 2013,
        doi:10.1016/j.jesp.2013.03.013).
    mahalanobis_p : float
        Upper tail of the squared distance, chi-square with as many degrees of freedom as answers (Meade & Craig 2012).
    even_odd : float
        Lowest consistency (Jackson 1977), and
    even_odd_deviations : float
        halves that differ so many robust deviations more than the median person's: where people see all scales alike,
        the consistency of honest answers is low too.
    even_odd_min_scales : int
        Scales with two items or more needed before low consistency is flagged: with few pairs honest people fail.
    near_duplicate : float
        Share of identical answers with an earlier respondent (Kuriakose & Robbins 2016). Short questionnaires with
        few answer categories reach it honestly (Simmons et al. 2016, Pew Research Center), therefore
    false_positives : float
        largest share of honest people whom a flag on runs, variation, halves, combinations or copies may name; where
        the thresholds above name more of simulated honest people they are raised.
    seconds_per_item : float
        Fastest pace (Huang et al. 2012).
    block_rows : int
        Shortest block of noise looked for.
    block_p : float
        Permutation p-value at which such a block is flagged.
    """

    missing: float = choices.flag_missing
    long_string: float = choices.flag_long_string
    variability_deviations: float = choices.flag_variability
    mahalanobis_p: float = choices.flag_mahalanobis_p
    even_odd: float = choices.flag_even_odd
    even_odd_deviations: float = choices.flag_even_odd_deviations
    even_odd_min_scales: int = choices.flag_even_odd_scales
    near_duplicate: float = choices.flag_near_duplicate
    false_positives: float = choices.flag_false_positives
    seconds_per_item: float = choices.flag_seconds_per_item
    block_rows: int = choices.flag_block_rows
    block_p: float = choices.flag_block_p


@dataclass(frozen=True, eq=False, repr=False)
class ResponseQuality(Summarised):
    """What the answers say about how they were given.

    Attributes
    ----------
    flags : DataFrame
        One row a flag: ``respondent flag value threshold reason reference``.
    indices : DataFrame
        One row a respondent: ``respondent missing longest_string variability mahalanobis mahalanobis_p even_odd
        even_odd_difference nearest_match nearest_respondent seconds_per_item``.
    items : DataFrame
        One row an item: ``item missing impossible``; shares of all rows.
    blocks : DataFrame
        One row a block of noise: ``first last n score pvalue mean_r mean_r_rest``.
    skipped : dict of check to Remark
        Why a check was not made.
    """

    flags: pd.DataFrame
    indices: pd.DataFrame
    items: pd.DataFrame
    blocks: pd.DataFrame
    skipped: dict[str, Remark]

    def tidy(self) -> pd.DataFrame:
        """Tabulate the flags.

        Returns
        -------
        DataFrame
            One row a flag of a respondent.
        """
        return self.flags

    def summary(self) -> pd.DataFrame:
        """Tabulate the checks.

        Returns
        -------
        DataFrame
            ``flag n share note``, one row a check; without `n` and `share` where it was not made.
        """
        n = self.flags.groupby("flag")["respondent"].nunique().reindex(REFERENCES, fill_value=0).astype(float)
        n[list(self.skipped)] = np.nan
        shares = n.to_numpy() / len(self.indices)
        notes = [
            Remarks.of(remark("not_applicable", why=self.skipped[flag])) if flag in self.skipped else Remarks()
            for flag in REFERENCES
        ]
        return pd.DataFrame({"flag": n.index, "n": n.to_numpy(), "share": shares, "note": notes})

    def excluded(self, any_of: Sequence[str] = (), at_least: int | None = None) -> list:
        """Respondents whom a rule excludes.

        Parameters
        ----------
        any_of : sequence of str
            Flags, each of which is enough on its own.
        at_least : int, optional
            This many different flags, whichever they are, are enough.

        Returns
        -------
        list
            Their names, in the order of `indices`.

        Raises
        ------
        MeasurementError
            A name in `any_of` is no flag.

        Examples
        --------
        >>> from models import measurement, sem
        >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=1)
        >>> scales = {"trust": ["t1", "t2", "t3"], "use": ["u1", "u2", "u3"]}
        >>> answers.loc[0] = 1.0
        >>> measurement.response_quality(answers, scales, seed=1).excluded(at_least=2)
        [0]
        """
        out = excluded(self.flags, any_of, at_least)
        return [r for r in self.indices["respondent"] if r in out]


def excluded(flags: pd.DataFrame, any_of: Sequence[str] = (), at_least: int | None = None) -> set:
    """Respondents whom a rule excludes, from a table of flags that was kept.

    Parameters
    ----------
    flags : DataFrame
        One row a flag, with ``respondent`` and ``flag``, as of `ResponseQuality.flags`.
    any_of : sequence of str
        Flags, each of which is enough on its own.
    at_least : int, optional
        This many different flags, whichever they are, are enough.

    Returns
    -------
    set
        Values of ``respondent``.

    Raises
    ------
    UnknownColumnError
        A name in `any_of` is no flag.

    Examples
    --------
    >>> import pandas as pd
    >>> from models import measurement
    >>> flags = pd.DataFrame({"respondent": [3, 3, 8], "flag": ["missing", "fast", "fast"]})
    >>> measurement.excluded(flags, at_least=2)
    {3}
    """
    for flag in any_of:
        if flag not in REFERENCES:
            raise UnknownColumnError(
                f"'{flag}' is not a flag{suggestion(flag, list(REFERENCES))}; known: {', '.join(REFERENCES)}"
            )
    out = set(flags.loc[flags["flag"].isin(list(any_of)), "respondent"].tolist())
    if at_least is not None:
        count = flags.groupby("respondent")["flag"].nunique()
        out |= set(count.index[count >= at_least].tolist())
    return out


class FlagList:
    """Collects flags in the order of the checks."""

    def __init__(self, names: np.ndarray) -> None:
        self.names = names
        self.rows: list[dict] = []

    def add(
        self,
        flag: str,
        raised: np.ndarray,
        value: np.ndarray,
        threshold: float,
        reason: str,
        other: np.ndarray | None = None,
    ) -> None:
        """Note `flag` for every respondent for whom it is `raised`; `reason` may show {} the value and {other}."""
        for i in np.flatnonzero(raised):
            self.rows.append(
                {
                    "respondent": self.names[i],
                    "flag": flag,
                    "value": float(value[i]),
                    "threshold": float(threshold),
                    "reason": reason.format(value[i], other=None if other is None else other[i]),
                    "reference": REFERENCES[flag],
                }
            )

    def table(self) -> pd.DataFrame:
        """One row a flag."""
        return pd.DataFrame(self.rows, columns=["respondent", "flag", "value", "threshold", "reason", "reference"])
