"""The choices of the analysis, declared in `choices.yaml` and read from there alone: `choices.alpha` and so on.

What a choice decides, its range and its source stand beside its value. A module that reads one names it as an attribute
of `choices`; `pipeline.graph` finds it there and lets DVC repeat the stage when the value changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, make_dataclass
from functools import cache
from importlib.resources import files
from types import GenericAlias
from typing import Any, Literal, get_origin

from models.messages import forms, yaml_text
from models.messages.forms import DeclarationError, Doi, Finding, Text
from models.remarks import remark

FILE = "models/choices.yaml"
# Choices of which the first may not exceed the second.
ORDERED = (
    ("gmm_first_lag", "gmm_last_lag"),
    ("loop_periods_least", "loop_periods_most"),
    ("few_sign_flips", "few_clusters"),
    ("loop_level", "fit_levels"),
    ("fit_error", "fit_error_most"),
    ("htmt", "htmt_close"),
)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A choice as it is declared.

    Attributes
    ----------
    value
        What is chosen.
    range
        The least and the largest value that make sense; of a word all that may stand there.
    decides
        What the value decides.
    source, doi
        Where the value comes from.
    reason
        Why the project chose it; needed where it has no source.
    """

    value: float | str
    range: tuple[float, ...] | tuple[str, ...]
    decides: Text
    source: str = ""
    doi: Doi = Doi("")
    reason: Text | None = None


@dataclass(frozen=True, kw_only=True)
class Choices:
    """The value of every choice, whole numbers, shares and words apart; `choices.yaml` says what each decides."""

    alpha: float
    confidence: float
    power: float
    indistinct_correlation: float
    levels_together: float
    doubted_most: float
    rival_margin: float
    rival_surplus: float
    rival_uncorrelated: float
    fit_draws: int
    fit_levels: int
    fit_error: float
    fit_error_most: float
    fit_omitted_correlation: float
    configural_level: int
    session_minutes: int
    same_day_days: float
    flag_missing: float
    flag_long_string: float
    flag_variability: float
    flag_mahalanobis_p: float
    flag_even_odd: float
    flag_even_odd_deviations: float
    flag_even_odd_scales: int
    flag_near_duplicate: float
    flag_false_positives: float
    flag_honest_sheets: int
    flag_seconds_per_item: float
    flag_block_rows: int
    flag_block_share: float
    flag_block_p: float
    flag_block_permutations: int
    flag_block_ratio: float
    flag_block_correlation: float
    flag_blocks: int
    opposite_items: float
    scale_score_share: float
    htmt: float
    htmt_close: float
    misfit_index: float
    parallel_samples: int
    parallel_quantile: float
    confirmatory_estimator: Literal["ML", "MLR"]
    measurement_missing: Literal["fiml", "listwise"]
    measurement_estimator: Literal["MLR", "ML"]
    parallel_reference: Literal["permuted", "normal"]
    invariance_cfi: float
    invariance_rmsea: float
    invariance_srmr_loadings: float
    invariance_srmr: float
    few_people: int
    few_invariance_cfi: float
    few_invariance_rmsea: float
    few_invariance_srmr_loadings: float
    few_invariance_srmr: float
    invariance_group: int
    small_groups: Literal["merge", "drop"]
    sparse_answers: int
    alignment_groups: int
    alignment_level: float
    left_out_groups: int
    smallest_category: int
    items_to_spare: int
    multiverse_draws: int
    null_draws: int
    null_resamples: int
    imputations: int
    imputations_of_many: int
    many_people: int
    imputation_rounds: int
    imputation_donors: int
    imputation_method: Literal["pmm", "normal"]
    unusable_refits: float
    bic_apart: float
    necessity_effect: float
    few_clusters: int
    few_sign_flips: int
    wild_bootstrap_draws: int
    oster_r2_ratio: float
    gmm_first_lag: int
    gmm_last_lag: int
    gmm_instruments: Literal["collapsed", "all"]
    gmm_estimator: Literal["two-step", "one-step"]
    mediation_draws: int
    loop_periods_least: int
    loop_periods_most: int
    loop_users_a_moment: int
    loop_estimator: Literal["MLR", "ML"]
    loop_missing: Literal["fiml", "listwise"]
    loop_level: int
    loop_omitted_lag: float
    weak_instruments: float
    random_slope_users: int
    influential_users: int
    influential_share: float
    unit_root_periods: int
    unit_root_users: int
    dependence_users: int
    second_opinion_estimate: float
    second_opinion_se: float
    survival_points: int
    synthesis_rho: float
    synthesis_moderator_sets: int
    synthesis_small_study_sets: int
    synthesis_df: float
    synthesis_proxy_correlation: float
    synthesis_errors: Literal["conservative", "plain"]


def findings(entries: Any) -> list[Finding]:
    """What is wrong with the declared choices: one that nobody reads, one that is missing, a value out of its range."""
    if found := list(forms.named_entries(FILE, entries)):
        return found
    kinds = forms.names_of(Choices)
    found = list(forms.entry(FILE, {name: _form(kind) for name, kind in kinds.items()}, list(kinds), entries, ()))
    if found:
        return found
    for name, entry in entries.items():
        found += _of_one(name, kinds[name], entry)
    if not found:
        for lower, upper in ORDERED:
            low, high = entries[lower]["value"], entries[upper]["value"]
            if low > high:
                found.append(
                    Finding(
                        FILE,
                        (lower, "value"),
                        forms.as_said(f"{low:g}"),
                        remark("at_most_that_of", high=f"{high:g}", upper=upper),
                    )
                )
    return found


@cache
def _form(kind: Any) -> type[Choice]:
    """The form of an entry: its value is a number, or one of the words that are read."""
    one = kind if get_origin(kind) is Literal else float
    parts = [("value", one), ("range", GenericAlias(tuple, (one, ...)))]
    return make_dataclass("Declared", parts, bases=(Choice,), frozen=True, kw_only=True)


def _of_one(name: str, kind: Any, entry: dict[str, Any]) -> list[Finding]:
    found = (_of_word if get_origin(kind) is Literal else _of_number)(name, kind, entry)
    if not {"source", "reason"} & set(entry):
        found.append(Finding(FILE, (name,), remark("neither_source_nor_reason"), remark("source_or_reason")))
    return found


def _of_word(name: str, kind: Any, entry: dict[str, Any]) -> list[Finding]:
    value, words = entry["value"], entry["range"]
    return [] if value in words else [forms.unknown(FILE, (name, "value"), value, words, remark("one_of"))]


def _of_number(name: str, kind: type, entry: dict[str, Any]) -> list[Finding]:
    value, span = entry["value"], entry["range"]
    if len(span) != 2 or span[0] >= span[1]:
        return [Finding(FILE, (name, "range"), forms.as_said(str(span)), remark("least_and_largest"))]
    found = list(forms.findings(FILE, kind, value, (name, "value")))
    if not found and not span[0] <= value <= span[1]:
        whole = remark("whole_number") if kind is int else remark("a_number")
        found.append(
            Finding(
                FILE,
                (name, "value"),
                forms.as_said(f"{value:g}"),
                remark("number_in_range", whole=whole, low=f"{span[0]:g}", high=f"{span[1]:g}"),
            )
        )
    return found


@cache
def declared() -> dict[str, Choice]:
    """Every choice with what it decides, by name, in the order of the file.

    Raises
    ------
    DeclarationError
        With everything that is wrong with the file.
    """
    entries = yaml_text.parsed((files(__package__) / "choices.yaml").read_text(encoding="utf-8"))
    if found := findings(entries):
        raise DeclarationError(found)
    return {name: forms.made(Choice, entry) for name, entry in entries.items()}


@cache
def _values() -> Choices:
    values: dict[str, Any] = {name: choice.value for name, choice in declared().items()}
    return Choices(**values)


def named(names: Iterable[str]) -> dict[str, float | str]:
    """The values of choices whose names stand elsewhere.

    `pipeline.graph` takes a module that asks in this way for one that reads the whole file, unless the names are those
    that a stage declares.
    """
    values = _values()
    return {name: getattr(values, name) for name in names}


choices: Choices


def __getattr__(name: str) -> Any:
    """`choices`, read when it is first asked for: a file with a slip can so be checked before anything rests on it."""
    if name == "choices":
        return _values()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
