"""Measurement invariance: whether the items mean the same in every group."""

from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd

from models import sem
from models.choices import choices
from models.measurement.answers.categories import merge_sparse
from models.measurement.comparability.alignment import Alignment, align, alignment_table
from models.measurement.comparability.groups import groups
from models.measurement.comparability.latent_means import latent_means
from models.measurement.comparability.models import Ladder
from models.measurement.comparability.steps import Climb, Cutoffs
from models.measurement.errors import check_choice
from models.measurement.options import Gaps, Invariant, Small
from models.measurement.scales.confirm import latent_names
from models.measurement.scales.scales import Scales, check_scales
from models.messages.summary import Summarised
from models.remarks import Remark, Remarks, remark

LADDER = ["model", "chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr", "aic", "bic"]
LADDER += ["delta_cfi", "delta_rmsea", "delta_srmr", "delta_chisq", "delta_df", "delta_pvalue"]
LADDER += ["cfi_ok", "rmsea_ok", "srmr_ok", "chisq_ok", "held", "n_freed", "note"]
FREED = ["step", "parameter", "item", "construct", "delta_chisq", "runner_up", "runner_up_delta_chisq"]


@dataclass(frozen=True, eq=False, repr=False)
class Invariance(Summarised):
    """The ladder of invariance and what follows from it.

    Attributes
    ----------
    ladder : DataFrame
        One row a model, partial ones after the step that failed; `held` is the verdict on CFI, to which Chen gives the
        main part. Differences are to the last model that held.
    freed : DataFrame
        One row a released parameter: ``step parameter item construct delta_chisq runner_up runner_up_delta_chisq``. A
        runner-up that gains nearly as much is a warning: the latent means depend on which of the two is released.
    means : DataFrame
        Latent mean differences from the reference group (`latent_means`); empty unless scalar invariance held, at least
        in part.
    aligned : DataFrame
        Aligned item parameters, when scalar invariance failed over many groups.
    alignments : dict of construct to Alignment
    groups : DataFrame
        Groups found and what became of them.
    merged : dict of item to number of answers left
        Ordered items of which rare answers were joined (`merge_sparse`).
    level : str
        Highest step that held fully or in part: ``none``, ``configural``, ``metric``, ``partial metric``, … ``strict``.
    versions : dict of model to dict of index to str
        Which version each index is, as `Fit.fit_indices` names it: robust where it is defined, else scaled, else plain.
    note : Remarks
        Why the groups cannot be compared; empty when they can.
    testable : bool
        Whether they can.
    """

    ladder: pd.DataFrame
    freed: pd.DataFrame
    means: pd.DataFrame
    aligned: pd.DataFrame
    alignments: dict[str, Alignment]
    groups: pd.DataFrame
    merged: dict[str, int]
    level: str
    versions: dict[str, dict[str, str]]
    note: Remarks = Remarks()
    testable: bool = True

    def tidy(self) -> pd.DataFrame:
        """Tabulate the ladder.

        Returns
        -------
        DataFrame
            One row a model, as in `ladder`.
        """
        return self.ladder


def invariance(
    data: pd.DataFrame,
    scales: Scales,
    group: str,
    estimator: Invariant = choices.measurement_estimator,
    min_size: int | None = None,
    small: Small = choices.small_groups,
    reference: str | None = None,
    cutoffs: Cutoffs | None = None,
    configural_level: int | None = choices.configural_level,
    align_groups: int = choices.alignment_groups,
    min_answers: int = choices.sparse_answers,
    seed: int | None = None,
    missing: Gaps = choices.measurement_missing,
) -> Invariance:
    """Climb configural → metric → scalar → strict invariance.

    Parameters
    ----------
    data : DataFrame
        One row a respondent; items numeric, missing as NaN.
    scales : mapping of str to list of str
        Construct → its items.
    group : str
        Column with the groups.
    estimator : {"MLR", "ML", "WLSMV"}
        MLR judges the robust CFI and RMSEA and the scaled difference of chi-squares (Satorra & Bentler 2001); WLSMV
        takes items as ordered, has a step of equal thresholds before the loadings, and judges scaled indices, for which
        the cut-offs are less well studied.
    min_size : int, optional
        Smallest group; by default the larger of `choices.invariance_group` and twice the number of items.
    small : {"merge", "drop"}
        What becomes of smaller groups (`groups`).
    reference : str, optional
        Group whose latent means are zero; by default the largest.
    cutoffs : Cutoffs, optional
        By default those for the number of people at hand.
    configural_level : int, optional
        Level of misspecification (`sem.large_sample_cutoffs`): a configural model that fits worse than nineteen in
        twenty models of it, or of the last that there is, makes the comparison void. None
        compares whatever the fit. Ordered answers are judged as numbers.
    align_groups : int
        With at least so many groups, alignment where full scalar invariance fails.
    min_answers : int
        Answers to ordered items that fewer people of a group chose are joined with their neighbours in all groups.
    seed : int, optional
        Starts of the alignment.
    missing : {"fiml", "listwise"}
        All answers, by full information or, as ordered categories, in pairs; or those of people who answered every
        item, who are then all who count.

    Returns
    -------
    Invariance
        The steps and which of them hold, the parameters freed, and the latent means.

    Raises
    ------
    MeasurementError
        Columns that the data do not have, an unknown estimator, handling of gaps, rule or reference, or groups too
        small to compare.

    Notes
    -----
    Factors are scaled by unit variance in the reference group, so that no loading is exempt. Where a step fails, the
    parameter (of one item, in all groups) whose release lowers chi-square most is freed, again and again, while two
    items of the construct keep equal parameters (Byrne, Shavelson & Muthén 1989, doi:10.1037/0033-2909.105.3.456). An
    item with a free loading has a free intercept and residual in later steps.

    Examples
    --------
    >>> from models import measurement, sem
    >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=2)
    >>> scales = {"trust": ["t1", "t2", "t3"], "use": ["u1", "u2", "u3"]}
    >>> answers["place"] = ["app", "web"] * 100
    >>> found = measurement.invariance(answers, scales, "place", min_size=50)
    >>> found.level, found.ladder["model"].tolist()
    ('strict', ['configural', 'metric', 'scalar', 'strict'])
    """
    check_choice("estimator", estimator, get_args(Invariant))
    check_choice("missing", missing, get_args(Gaps))
    answers = check_scales(data, scales, ordered=estimator == "WLSMV")
    if missing == "listwise":
        complete = answers.notna().all(axis=1)
        data, answers = data[complete], answers[complete]
    smallest = min_size or max(choices.invariance_group, 2 * answers.shape[1])
    chosen = groups(data, group, smallest, small, reference=reference)
    if chosen.obstacle:
        return _result(None, chosen.table, chosen.obstacle, {})
    sample = answers.loc[chosen.labels.index]
    merged: dict[str, int] = {}
    if estimator == "WLSMV":
        sample, merged = merge_sparse(sample, list(sample.columns), chosen.labels, min_answers)
    sample = sample[sample.notna().any(axis=1)].assign(group_=chosen.labels)
    if sample["group_"].nunique() < 2:
        return _result(None, chosen.table, remark("few_answering_groups"), {})
    ladder = Ladder(sample, estimator)
    usual = Cutoffs() if len(sample) > choices.few_people else Cutoffs.small_sample()
    climb = Climb(ladder, scales, cutoffs or usual)
    obstacle = ladder.obstacle(scales) or climb.start(configural_level)
    if not obstacle:
        all(climb.step(step) for step in ladder.steps)
    names = list(dict.fromkeys(sample["group_"]))
    alignments: dict[str, Alignment] = {}
    fully_scalar = climb.scalar is not None and not climb.scalar_free
    wanted = not ladder.ordinal and not fully_scalar and len(names) >= align_groups
    if climb.configural is not None and not obstacle and wanted:
        alignments = {
            construct: _align(climb.configural, construct, scales, names, sample["group_"], seed)
            for construct, items in scales.items()
            if len(items) > 1
        }
    return _result(climb, chosen.table, obstacle, merged, alignments, scales, names)


def _result(
    climb: Climb | None,
    table: pd.DataFrame,
    obstacle: Remark | None,
    merged: dict[str, int],
    alignments: dict[str, Alignment] | None = None,
    scales: Scales | None = None,
    names: list[str] | None = None,
) -> Invariance:
    aligned = [alignment_table(c, list((scales or {})[c]), names or [], a) for c, a in (alignments or {}).items()]
    means = pd.DataFrame()
    if climb is not None and climb.scalar is not None:
        means = latent_means(climb.scalar, climb.scalar_free, climb.ladder.sample["group_"])
    return Invariance(
        pd.DataFrame(climb.rows if climb else []).reindex(columns=LADDER),
        pd.DataFrame(climb.freed if climb else [], columns=FREED),
        means,
        pd.concat(aligned, ignore_index=True) if aligned else pd.DataFrame(),
        alignments or {},
        table,
        merged,
        climb.level if climb else "none",
        climb.versions if climb else {},
        Remarks.of(remark("not_testable", why=obstacle)) if obstacle else Remarks(),
        obstacle is None,
    )


def _align(
    configural: sem.Fit, construct: str, scales: Scales, names: list[str], labels: pd.Series, seed: int | None
) -> Alignment:
    table = configural.tidy()
    factor, items = latent_names(scales)[construct], list(scales[construct])

    def read(rows: pd.DataFrame, key: str, value: str) -> np.ndarray:
        return rows.pivot(index="group", columns=key, values=value).loc[names, items].to_numpy()

    slopes = table[(table["op"] == "=~") & (table["lhs"] == factor)]
    levels = table[(table["op"] == "~1") & table["lhs"].isin(items)]
    sign = np.sign(read(slopes, "rhs", "est").sum(axis=1, keepdims=True))
    return align(
        sign * read(slopes, "rhs", "est"),
        read(levels, "lhs", "est"),
        labels.value_counts()[names].to_numpy(),
        read(slopes, "rhs", "se"),
        read(levels, "lhs", "se"),
        seed=seed,
    )
