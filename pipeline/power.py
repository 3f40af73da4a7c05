"""`stickiness power`: how many people a planned study needs, and what a finished survey could have found."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from models.choices import choices
from pipeline.core.errors import InputError, Problem, near
from pipeline.wording import columns
from pipeline.wording.texts import Worded, as_is, worded
from pipeline.wording.words import said

if TYPE_CHECKING:
    import pandas as pd

    from models.survey.planning import Plan


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    verb = verbs.add_parser(
        "power",
        help=said("power_help"),
        description=said("power_about"),
        epilog=said("power_examples"),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = verb.add_mutually_exclusive_group(required=True)
    what.add_argument("--effects", nargs="+", metavar="LABEL=VALUE", help=said("effects_help"))
    what.add_argument("--model", type=Path, metavar="FILE", help=said("model_help"))
    what.add_argument("--data-set", metavar="NAME", help=said("power_set_help"))
    verb.add_argument("--items", type=int, default=3, help=said("items_help"))
    verb.add_argument("--loading", type=float, default=0.7, help=said("loading_help"))
    verb.add_argument("--correlation", type=float, default=0.3, help=said("correlation_help"))
    verb.add_argument("--levels", type=int, default=1, choices=[1, 3], help=said("levels_help"))
    verb.add_argument("--terms", nargs="+", metavar="TERM", help=said("terms_help"))
    verb.add_argument("--n", nargs="+", type=int, default=[100, 200, 400], help=said("n_help"))
    verb.add_argument("--power", type=float, default=choices.power, help=said("aim_help", usual=choices.power))
    verb.add_argument("--alpha", type=float, default=choices.alpha, help=said("alpha_help", usual=choices.alpha))
    verb.add_argument("--draws", type=int, default=300, help=said("draws_help"))
    verb.add_argument("--seed", type=int, default=1, help=said("seed_help"))


def run(options: argparse.Namespace) -> int:
    """Print the answer; bad input raises `InputError` before anything is simulated."""
    from pipeline.core import declarations

    declarations.check()
    if options.data_set is not None:
        print(findable(options.data_set))
        return 0
    from models import measurement, sem
    from models.measurement.planning.power import PowerError

    where = "--effects" if options.model is None else str(options.model)
    _check(options)
    try:
        plan = _plan(options)
        terms = options.terms or plan.terms
        found = measurement.power(
            plan.population,
            plan.analysis,
            terms,
            sorted(set(options.n)),
            draws=options.draws,
            target=options.power,
            level=options.alpha,
            seed=options.seed,
            progress=_progress,
        )
    except (PowerError, sem.SemError) as error:
        raise InputError(Problem(where, _first(error), worded("plan_that_can_be_simulated"), _rest(error))) from None
    print(_shown(found, options))
    return 0


def _plan(options: argparse.Namespace) -> Plan:
    from models.survey import planning

    if options.model is None:
        settings = (options.correlation, options.items, options.loading, options.levels)
        return planning.planned(_effects(options.effects), *settings)
    if not options.model.is_file():
        present = sorted(path.name for path in options.model.parent.glob("*.lav"))
        fix = near(options.model.name, present) if present else worded("give_path_of_file")
        raise InputError(
            Problem(str(options.model), worded("no_such_file"), worded("text_file_with_lavaan_model"), fix)
        )
    return planning.written(options.model.read_text(encoding="utf-8"))


def _effects(given: list[str]) -> dict[str, float]:
    found = {}
    for entry in given:
        label, equals, value = entry.partition("=")
        try:
            found[label] = float(value)
        except ValueError:
            expected = worded("label_equals_value")
            fix = worded("number_after_equals_sign") if equals else worded("join_by_equals_sign")
            raise InputError(Problem("--effects", as_is(repr(entry)), expected, fix)) from None
    return found


def _check(options: argparse.Namespace) -> None:
    problems = []
    for name, low, high in (("power", 0, 1), ("alpha", 0, 1)):
        if not low < (value := getattr(options, name)) < high:
            problems.append(
                Problem(
                    f"--{name}",
                    as_is(f"{value:g}"),
                    worded("number_between_0_and_1"),
                    worded("customary_power_and_level"),
                )
            )
    if min(options.n) < 20:
        problems.append(
            Problem("--n", as_is(str(min(options.n))), worded("sample_sizes_least_20"), worded("leave_it_out"))
        )
    if options.draws < 20:
        problems.append(
            Problem("--draws", as_is(str(options.draws)), worded("samples_a_size"), worded("how_precise_samples_are"))
        )
    if problems:
        raise InputError(problems)


def _first(error: Exception) -> Worded:
    """The first line of a message; of one that is told in both languages the whole."""
    one = as_is(error)
    return one if "\n" not in str(one) else as_is(str(one).splitlines()[0])


def _rest(error: Exception) -> Worded:
    """What follows the first line of a message, or a general remedy."""
    lines = [line.strip() for line in str(error).splitlines()[1:] if line.strip()]
    return as_is(" ".join(lines)) if lines else worded("see_help_of_power")


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(
            "\r" + said("samples", done=done, total=total),
            end="" if done < total else "\n",
            file=sys.stderr,
            flush=True,
        )
    elif done == total or done % max(total // 10, 1) == 0:
        print(said("samples", done=done, total=total), file=sys.stderr, flush=True)


def _shown(found, options: argparse.Namespace) -> str:
    """A line a term: power at each size, and the size needed."""
    from models.statistics.distributions import normal_quantile
    from models.statistics.monte_carlo import of_share

    table, needed = found.table, found.needed.set_index("term")
    sizes = list(dict.fromkeys(table["n"]))
    head = [said("head_effect"), said("head_supposed"), *(f"n = {n}" for n in sizes)]
    rows = []
    for term, part in table.groupby("term", sort=False):
        powers = (f"{row.power:.2f}" for row in part.itertuples())
        supposed, people = part["population"].iloc[0], _people(needed.loc[term], sizes)
        rows.append([_spaced(term), f"{supposed:.2f}", *powers, people])
    lines = columns.aligned([*head, said("needed_n", power=f"{options.power:g}")], rows)
    margin = normal_quantile(0.5 + choices.confidence / 2) * of_share(0.5, options.draws)
    told = {"draws": options.draws, "margin": f"{margin:.2f}", "alpha": f"{options.alpha:g}"}
    lines += ["", said("power_note", **told)]
    failed = int(table.drop_duplicates("n")["failed"].sum())
    if failed:
        lines.append(said("power_failed", n=failed))
    return "\n".join(lines)


def _spaced(term: str) -> str:
    return term.replace("~", " ~ ")


def _people(row: pd.Series, sizes: list[int]) -> str:
    if row["n"] > 20 * max(sizes):
        return said("more_than", n=20 * max(sizes))
    return said("beyond_sizes", n=row["n"]) if row["extrapolated"] else str(row["n"])


def findable(data_set: str) -> str:
    """What a finished data set could have found: every path of a survey, by group, and every hypothesis."""
    from pipeline.core import paths, results

    path = paths.of(data_set, "structure.csv")
    if not path.is_file():
        known = sorted(p.parent.name for p in paths.of("*").parent.glob("*/structure.csv"))
        fix = (
            worded("run_structure_first", data_set=data_set)
            if paths.card_path(data_set).is_file()
            else near(data_set, known)
        )
        raise InputError(Problem(str(path), worded("no_results_yet"), worded("data_set_that_has_run"), fix))
    rows = results.read(path)
    rows = rows[(rows["table"] == "detectable") & (rows["quantity"] == "std_all")]
    judged = paths.of(data_set, "judge", "results.csv")
    tests = results.read(judged).query("table == 'power'") if judged.is_file() else rows.iloc[:0]
    if rows.empty and tests.empty:
        problem = Problem(
            str(path), worded("no_structural_paths"), worded("survey_of_causes_and_effects"), worded("see_its_page")
        )
        raise InputError(problem)
    return "\n\n".join(part for part in (_paths(rows), _hypotheses(tests)) if part)


def _paths(rows: pd.DataFrame) -> str:
    """A line a path: the smallest standardised effect found with probability .80, by group."""
    if rows.empty:
        return ""
    groups = list(dict.fromkeys(rows["group"]))
    cells = rows.set_index(["term", "group"])["estimate"]
    sizes = rows.drop_duplicates("group").set_index("group")["n"]
    head = ["", *(f"{group or said('everybody')} (n = {sizes[group]:.0f})" for group in groups)]
    body = [
        [term, *(f"{cells[term, g]:.2f}" if (term, g) in cells.index else "–" for g in groups)]
        for term in dict.fromkeys(rows["term"])
    ]
    return "\n".join([*columns.aligned(head, body), "", said("detectable_note")])


def _hypotheses(rows: pd.DataFrame) -> str:
    """A line a hypothesis: what is detectable, the cases there are, and how many would find the smallest effect."""
    if rows.empty:
        return ""
    head = ["", *(said(f"of_tests_{name}") for name in ("of", "detectable", "cases", "needed"))]
    body = []
    for (kind, hypothesis), own in rows.groupby(["sample", "hypothesis"], sort=False):
        size = own.set_index("quantity")["estimate"]
        numbers = [f"{size['detectable']:.2f}", f"{own['n'].iloc[0]:,.0f}", f"{size['needed']:,.0f}"]
        body.append([str(hypothesis), said(f"kind_of_{kind}"), *numbers])
    return "\n".join([*columns.aligned(head, body), "", said("power_of_tests_note")])
