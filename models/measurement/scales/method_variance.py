"""Common-method variance: what one shared source of answers could explain, and what it does to the paths."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import get_args

import numpy as np
import pandas as pd

from models import sem
from models.choices import choices
from models.measurement.errors import ScaleError, check_choice
from models.measurement.options import Gaps, Likelihood
from models.measurement.scales.confirm import factor_syntax, handled, improper, judged_by, latent_names, versions
from models.measurement.scales.scales import Scales, check_scales
from models.messages.summary import Summarised
from models.remarks import Remarks, remark
from models.sem.language.editing import add, change, factor_line, formulas, read, write
from models.sem.language.editing import factors as higher_order
from models.sem.language.syntax import Syntax, Term

INDICES = ["chisq", "df", "pvalue", "cfi", "tli", "rmsea", "srmr", "aic", "bic"]


@dataclass(frozen=True, eq=False, repr=False)
class MethodVariance(Summarised):
    """Models with and without a common method, side by side.

    Attributes
    ----------
    models : DataFrame
        One row a model: ``model chisq df pvalue cfi tli rmsea srmr aic bic method_share note``. `method_share` is the
        mean share of an item's variance that the method factor explains. Tests and indices are scaled and robust
        where the estimator has such.
    versions : dict of model to dict of index to str
        Which version each index is, as `Fit.fit_indices` names it.
    tests : DataFrame
        One row a comparison: ``comparison chisq df pvalue question note``; differences of chi-square, scaled by the
        restrictions where the models are scaled.
    paths : DataFrame
        One row a model and path: ``term model lhs op rhs std pvalue change``; standardised estimates and how far they
        moved from the model without a method factor. Without a structure the paths are the correlations of the
        constructs.
    marked : str
        The model in which the marker's method reaches the items, equally or, where that fits worse, freely; empty
        without a marker.
    """

    models: pd.DataFrame
    versions: dict[str, dict[str, str]]
    tests: pd.DataFrame
    paths: pd.DataFrame
    marked: str = ""

    def tidy(self) -> pd.DataFrame:
        """Tabulate the models.

        Returns
        -------
        DataFrame
            One row a model and path.
        """
        return self.paths


def method_variance(
    data: pd.DataFrame,
    scales: Scales,
    structure: str = "",
    marker: Sequence[str] | None = None,
    estimator: Likelihood = choices.measurement_estimator,
    missing: Gaps = choices.measurement_missing,
) -> MethodVariance:
    """Compare the measurement model with models of common-method variance.

    Parameters
    ----------
    data : DataFrame
        One row a respondent, items numeric, missing as NaN.
    scales : mapping of str to list of str
        Construct → its items.
    structure : str
        Regressions between constructs in lavaan syntax, and constructs of higher order (``=~``); empty for correlated
        constructs.
    marker : sequence of str, optional
        Items of a marker variable, theoretically unrelated to every construct; not among `scales`.
    estimator : {"MLR", "ML"}
        MLR has errors, indices and tests that allow for answers that are not normal.
    missing : {"fiml", "listwise"}
        Full information, or only people who answered every item of a model.

    Returns
    -------
    MethodVariance
        How each model fits, the tests between them, and the relations of the constructs in each.

    Raises
    ------
    MeasurementError
        One scale only, a marker that is in a scale or has one item, or an unknown estimator or handling of gaps.

    Notes
    -----
    Items are standardised first: equal method loadings mean equal shares of variance and do not depend on units. Every
    construct has the unit of its first item, and fixed loadings of higher order are turned into it, so that ``trait``
    is the model of the raw answers, with the same χ², robust errors and standardised paths. Models with a marker have
    constructs of unit variance instead, unless loadings of higher order are fixed.

    Differences are scaled by the restrictions in the freer model (Satorra 2000, doi:10.1007/978-1-4615-4603-0_17): one
    from the scalings of both models is unstable where a single restriction, as that of equal method loadings, fits
    badly, and can be negative.

    ``trait``: the constructs alone. ``one_factor``: all items on one factor. ``method``: constructs and one unmeasured
    method factor, uncorrelated with them, with equal loadings on all items (Podsakoff et al. 2003,
    doi:10.1037/0021-9010.88.5.879; with free loadings the model is hardly identified and detects method variance where
    there is none: Richardson, Simmering & Sturman 2009, doi:10.1177/1094428109332834). What the constructs truly share
    also goes into this factor; its paths are a lower bound of strength under the harshest reading, not a correction.

    With a marker, the sequence of Williams, Hartman & Cavazotte (2010, doi:10.1177/1094428110366036): the marker's own
    loadings and residual variances are those of the model of all factors; ``marker_baseline``: marker uncorrelated
    with the constructs; ``marker_c``: the marker also loads on every item, equally; ``marker_u``: freely;
    ``marker_r``: as the better of the last two, with the constructs' correlations (or paths) of the baseline.

    Examples
    --------
    >>> from models import measurement, sem
    >>> answers = sem.simulate("trust =~ t1 + t2 + t3; use =~ u1 + u2 + u3; trust ~~ 0.5*use", 200, seed=1)
    >>> scales = {"trust": ["t1", "t2", "t3"], "use": ["u1", "u2", "u3"]}
    >>> found = measurement.method_variance(answers, scales)
    >>> found.models["model"].tolist()
    ['trait', 'one_factor', 'method']
    """
    check_choice("estimator", estimator, get_args(Likelihood))
    answers = check_scales(data, scales)
    if missing == "listwise":
        answers = answers.dropna()
    if len(scales) < 2:
        raise ScaleError(remark("one_scale_without_relations"))
    names = latent_names(scales)
    spread = {factor: float(answers[scales[construct][0]].std()) for construct, factor in names.items()}
    relations = change(read(structure), partial(_in_units, spread))
    factors = [*names.values(), *higher_order(relations)]
    study = _Study((answers - answers.mean()) / answers.std(), relations, factors, estimator, missing)
    items = list(answers.columns)
    traits = factor_syntax({names[c]: i for c, i in scales.items()})

    study.fit("trait", traits)
    study.fit("one_factor", factor_line("general_method", items), structural=False)
    method = f"{factor_line('method_factor', items, '1')}\nmethod_factor ~~ NA*method_factor"
    study.fit("method", f"{traits}\n{method}\n{study.orthogonal('method_factor')}")
    study.test("one_factor", "trait", "asks_dimensions")
    study.test("trait", "method", "asks_method")
    if marker is not None:
        _marker(study, data, traits, items, list(marker))
    return study.result()


def _in_units(spread: dict[str, float], term: Term) -> Term:
    """Turn a fixed loading of a construct into the unit of its first item, which is standardised."""
    if term.op != "=~" or term.fixed is None or term.rhs not in spread:
        return term
    return replace(term, fixed=tuple(None if value is None else value / spread[term.rhs] for value in term.fixed))


def _marker(study: "_Study", data: pd.DataFrame, traits: str, items: list[str], marker: list[str]) -> None:
    extra = check_scales(data, {"marker": marker})
    overlap = sorted(set(marker) & set(items))
    if overlap:
        raise ScaleError(remark("marker_in_scale", item=overlap[0]))
    if len(marker) < 2:
        raise ScaleError(remark("marker_of_one_item"))
    study.answers = study.answers.join((extra - extra.mean()) / extra.std())
    unit = "marker_factor ~~ 1*marker_factor"
    free = f"{traits}\n{factor_line('marker_factor', marker, 'NA')}\n{unit}"
    first = study.fit("marker_cfa", free, structural=False, keep=False)
    if first is None:
        return
    table = first.tidy().set_index(["lhs", "op", "rhs"])["est"]
    own = " + ".join(f"{table['marker_factor', '=~', i]:.12g}*{i}" for i in marker)
    own += "\n" + "\n".join(f"{i} ~~ {table[i, '~~', i]:.12g}*{i}" for i in marker)
    apart = study.orthogonal("marker_factor")
    base = f"{traits}\nmarker_factor =~ {own}\n{unit}\n{apart}"
    study.fit("marker_baseline", base)
    study.fit("marker_c", f"{base}\n{factor_line('marker_factor', items, 'm')}")
    study.fit("marker_u", f"{base}\n{factor_line('marker_factor', items)}")
    study.test("marker_baseline", "marker_c", "asks_marker")
    unequal = study.test("marker_c", "marker_u", "asks_unequal")
    better = "marker_u" if unequal < choices.alpha else "marker_c"
    study.marked = better if better in study.fits else ""
    load = factor_line("marker_factor", items, "" if better == "marker_u" else "m")
    study.fit("marker_r", f"{base}\n{load}", restrict="marker_baseline")
    study.test("marker_r", better, "asks_relations")


class _Study:
    """Fits the models one after another and keeps what they say."""

    def __init__(
        self, answers: pd.DataFrame, structure: Syntax, factors: list[str], estimator: Likelihood, missing: Gaps
    ) -> None:
        self.answers, self.structure, self.factors = answers, structure, factors
        self.estimator, self.missing = estimator, missing
        self.weighted = any(term.op == "=~" and term.fixed is not None for term in structure.terms)
        self.fits: dict[str, sem.Fit] = {}
        self.models: list[dict] = []
        self.versions: dict[str, dict[str, str]] = {}
        self.tests: list[dict] = []
        self.marked = ""

    def orthogonal(self, method: str) -> str:
        return "\n".join(f"{method} ~~ 0*{factor}" for factor in self.factors)

    def relations(self, name: str) -> pd.DataFrame:
        """Paths between constructs, or their correlations where there is no structure."""
        table = self.fits[name].tidy()
        between = table["lhs"].isin(self.factors) & table["rhs"].isin(self.factors) & (table["lhs"] != table["rhs"])
        wanted = (table["op"] == "~") if self.structure.terms else between & (table["op"] == "~~")
        return table[wanted]

    def fit(
        self, name: str, syntax: str, structural: bool = True, keep: bool = True, restrict: str = ""
    ) -> sem.Fit | None:
        relations = write(self.structure) if structural else ""
        if restrict and restrict in self.fits:
            kept = formulas(self.structure, "=~", "~~")
            fixed = [f"{r.lhs} {r.op} {r.est:.12g}*{r.rhs}" for r in self.relations(restrict).itertuples()]
            relations = write(add(kept, "\n".join(fixed)))
        try:
            missing = handled(self.answers, self.missing)
            whole = f"{syntax}\n{relations}"
            unit = name.startswith("marker") and not self.weighted
            fit = sem.fit(whole, self.answers, estimator=self.estimator, missing=missing, std_lv=unit)
        except sem.SemError as error:
            self.models.append({"model": name, "note": Remarks.of(remark("not_applicable", why=error.remark))})
            return None
        if keep:
            self.fits[name] = fit
            indices = fit.fit_indices()
            self.versions[name] = versions(indices)
            row = {"model": name} | judged_by(indices) | {"srmr": indices["srmr_bentler_nomean"]}
            self.models.append(row | {"method_share": _method_share(fit), "note": improper(fit)})
        return fit

    def test(self, restricted: str, free: str, question: str) -> float:
        """Test what the simpler model restricts; p, NaN where there is no test."""
        row: dict = {"comparison": f"{restricted} – {free}", "question": remark(question), "note": Remarks()}
        self.tests.append(row)
        if restricted not in self.fits or free not in self.fits:
            return np.nan
        a, b = self.fits[restricted], self.fits[free]
        if a.df <= b.df:
            return np.nan
        try:
            found = sem.compare(a, b, "standard" if b.scaled_test is None else "satorra_2000", check_nested=False)
        except sem.SemError as error:
            row["note"] = Remarks.of(remark("difference_not_applicable", why=error.remark))
            return np.nan
        row |= {"chisq": found.statistic, "df": found.df, "pvalue": found.pvalue}
        return found.pvalue

    def result(self) -> MethodVariance:
        columns = ["model", *INDICES, "method_share", "note"]
        paths = []
        for name in (n for n in self.fits if n != "one_factor"):
            reference = "marker_baseline" if name.startswith("marker") else "trait"
            known = self.relations(reference) if reference in self.fits else self.relations(name).iloc[:0]
            before = known.set_index(["lhs", "op", "rhs"])["std_all"].to_dict()
            for r in self.relations(name).itertuples():
                paths.append(
                    {
                        "term": f"{r.lhs} {r.op} {r.rhs}",
                        "model": name,
                        "lhs": r.lhs,
                        "op": r.op,
                        "rhs": r.rhs,
                        "std": r.std_all,
                        "pvalue": r.pvalue,
                        "change": r.std_all - before.get((r.lhs, r.op, r.rhs), np.nan),
                    }
                )
        return MethodVariance(
            pd.DataFrame(self.models).reindex(columns=columns),
            self.versions,
            pd.DataFrame(self.tests).reindex(columns=["comparison", "chisq", "df", "pvalue", "question", "note"]),
            pd.DataFrame(paths, columns=["term", "model", "lhs", "op", "rhs", "std", "pvalue", "change"]),
            self.marked,
        )


def _method_share(fit: sem.Fit) -> float:
    table = fit.tidy()
    if (table.loc[(table["lhs"] == "method_factor") & (table["rhs"] == "method_factor"), "est"] < 0).any():
        return np.nan
    method = table[table["lhs"].isin(["method_factor", "marker_factor"]) & (table["op"] == "=~")]
    items = set(table.loc[(table["op"] == "=~") & ~table["lhs"].isin(["method_factor", "marker_factor"]), "rhs"])
    shared = method.loc[method["rhs"].isin(items), "std_all"]
    return float((shared**2).mean()) if len(shared) else np.nan
