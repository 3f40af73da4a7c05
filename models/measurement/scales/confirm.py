"""The confirmatory factor model that reliability, validity and invariance are read from."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
import pandas as pd

from models import sem
from models.choices import choices
from models.measurement.errors import MeasurementError, ScaleError, check_choice
from models.measurement.options import Gaps, Likelihood
from models.measurement.scales.scales import Scales, check_scales
from models.remarks import Caused, Remarks, remark
from models.sem.language.editing import factor_line


class FactorModelError(Caused, MeasurementError):
    """The confirmatory factor model cannot be fitted."""


@dataclass(frozen=True, eq=False)
class FactorModel:
    """A fitted confirmatory factor model with unit factor variances.

    Attributes
    ----------
    fit : sem.Fit
        The fitted model; indices, residuals and parameters are read from it.
    loadings : Series of length p
        Loading of each item on its construct, in the item's own unit.
    residuals : Series of length p
        Residual variances.
    correlations : DataFrame, constructs by constructs
        Correlations of the constructs.
    """

    fit: sem.Fit
    loadings: pd.Series
    residuals: pd.Series
    correlations: pd.DataFrame

    @property
    def standardised(self) -> pd.Series:
        """Completely standardised loadings."""
        return self.loadings / np.sqrt(self.loadings**2 + self.residuals)

    def improper(self, items: Sequence[str]) -> list[str]:
        """Those of `items` whose residual variance is negative (Heywood cases)."""
        return [item for item in items if self.residuals[item] < 0]


def improper(fit: sem.Fit) -> Remarks:
    """Say what makes a solution inadmissible; empty if it is admissible."""
    return Remarks.of(remark("improper_solution", reasons=list(fit.improper))) if fit.improper else Remarks()


def versions(indices: Mapping[str, float]) -> dict[str, str]:
    """Name the version of each index by which a model is judged (`sem.reported_index`)."""
    return {index: sem.reported_index(indices, index) for index in ("chisq", "cfi", "tli", "rmsea")}


def judged_by(indices: Mapping[str, float]) -> dict[str, float]:
    """Tell the fit of a model: scaled test and robust (else scaled) indices where the estimator has them."""
    named = versions(indices)
    test = named["chisq"].removeprefix("chisq")
    row = {name: indices[f"{name}{test}"] for name in ("chisq", "df", "pvalue")}
    row |= {index: indices[key] for index, key in named.items()}
    return row | {index: indices.get(index, np.nan) for index in ("srmr", "aic", "bic")}


def latent_names(scales: Scales) -> dict[str, str]:
    """Name of each construct's factor: its own, or with ``_factor`` where an item has the same name."""
    names = [*scales, *(item for items in scales.values() for item in items)]
    for name in names:
        if not re.fullmatch(r"[^\W\d][\w.]*", str(name)):
            raise ScaleError(f"'{name}' cannot stand in a model; use letters, digits, '_' and '.', a letter first")
    taken = {item for items in scales.values() for item in items}
    return {construct: f"{construct}_factor" if construct in taken else construct for construct in scales}


def factor_syntax(scales: Scales) -> str:
    """Write the model with one factor a scale; the item of a one-item scale is its factor, without error."""
    lines = []
    for construct, factor in latent_names(scales).items():
        items = scales[construct]
        lines.append(factor_line(factor, items))
        if len(items) == 1:
            lines.append(f"{items[0]} ~~ 0*{items[0]}")
    return "\n".join(lines)


def handled(answers: pd.DataFrame, missing: Gaps) -> Gaps:
    """Say how gaps are handled in a fit: where there are none, as in complete answers."""
    check_choice("missing", missing, get_args(Gaps))
    return missing if answers.isna().any(axis=None) else "listwise"


def confirm(
    answers: pd.DataFrame,
    scales: Scales,
    estimator: Likelihood = choices.confirmatory_estimator,
    missing: Gaps = choices.measurement_missing,
) -> FactorModel:
    """Fit one factor a scale, all correlated."""
    check_choice("estimator", estimator, get_args(Likelihood))
    items = [item for columns in scales.values() for item in columns]
    constant = [item for item in items if not answers[item].std() > 0]
    if constant:
        raise FactorModelError(remark("constant_item", item=constant[0]))
    kept = answers.loc[answers[items].notna().any(axis=1), items]
    how = handled(kept, missing)
    try:
        fit = sem.fit(factor_syntax(scales), kept, std_lv=True, estimator=estimator, missing=how)
    except sem.SemError as error:
        raise FactorModelError(remark("factor_model_fails", why=error.remark)) from error
    table = fit.tidy().set_index(["lhs", "op", "rhs"])["est"]
    factors = latent_names(scales)
    loadings = pd.Series({item: table[factors[c], "=~", item] for c, columns in scales.items() for item in columns})
    residuals = pd.Series({item: table[item, "~~", item] for item in items})
    phi = np.eye(len(scales))
    names = list(factors.values())
    for i, a in enumerate(names):
        for j, b in enumerate(names[:i]):
            phi[i, j] = phi[j, i] = table[(a, "~~", b) if (a, "~~", b) in table.index else (b, "~~", a)]
    sign = np.array([np.sign(loadings[list(columns)].sum()) or 1.0 for columns in scales.values()])
    owner = {item: s for s, columns in zip(sign, scales.values(), strict=True) for item in columns}
    return FactorModel(
        fit,
        loadings * pd.Series(owner),
        residuals,
        pd.DataFrame(phi * np.outer(sign, sign), index=list(scales), columns=list(scales)),
    )


def confirmed(
    data: pd.DataFrame,
    scales: Scales,
    estimator: Likelihood = choices.confirmatory_estimator,
    missing: Gaps = choices.measurement_missing,
) -> FactorModel | FactorModelError:
    """Fit the confirmatory factor model of all scales, or say why there is none: one fit for all that read from it.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, items numeric, missing as NaN.
    scales : mapping of str to list of str
        Construct → its items.
    estimator : {"ML", "MLR"}
        MLR has errors and a test that allow for answers that are not normal.
    missing : {"fiml", "listwise"}
        Full information, or only people who answered every item.

    Returns
    -------
    FactorModel or FactorModelError
        What `reliability` and `validity` take as `model`.

    Raises
    ------
    MeasurementError
        Scales that contradict themselves, items that are no numeric columns, too few rows, or an unknown estimator or
        handling of gaps.

    Examples
    --------
    >>> from models import measurement, sem
    >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=1)
    >>> model = measurement.confirmed(answers, {"trust": ["t1", "t2", "t3"], "use": ["u1", "u2", "u3"]})
    >>> model.correlations.round(2)
           trust   use
    trust   1.00  0.56
    use     0.56  1.00
    """
    try:
        return confirm(check_scales(data, scales), scales, estimator, missing)
    except FactorModelError as error:
        return error
