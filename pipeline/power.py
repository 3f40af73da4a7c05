"""`stickiness power`: how many people a planned study needs, and what a finished survey could have found."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.core.errors import InputError, Problem, near

if TYPE_CHECKING:
    import pandas as pd

    from models.survey.planning import Plan

DESCRIPTION = """\
How many people does a study need? Answers are simulated from what you suppose, the model is fitted
to each sample, and the share of samples in which an effect is significant is its power.
"""

EPILOG = """\
a study of the theory's main model, effects standardised:
  stickiness power --effects h1a=0.3 h1b=0.2 h1c=0.2 h2=0.4 --items 4 --loading 0.75
a model of your own in lavaan syntax, supposed values as numbers or start(); all are estimated:
  stickiness power --model plan.lav --terms "y ~ x" ab --n 150 300 600
a data set that has been run: the smallest effects that it could find, for everybody and by group:
  stickiness power --data-set corp_rep

h1a, h1b, h1c: value, trust, participation on identification; h2: identification on stickiness;
direct_value, direct_trust, direct_participation: directly on stickiness (0 if not named).
"""


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    verb = verbs.add_parser(
        "power",
        help="people a planned study needs; smallest effect that a finished survey could find",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = verb.add_mutually_exclusive_group(required=True)
    what.add_argument("--effects", nargs="+", metavar="LABEL=VALUE", help="standardised effects of the main model")
    what.add_argument("--model", type=Path, metavar="FILE", help="a lavaan model with the supposed values")
    what.add_argument("--data-set", metavar="NAME", help="a finished data set")
    verb.add_argument("--items", type=int, default=3, help="items a construct (with --effects; default 3)")
    verb.add_argument("--loading", type=float, default=0.7, help="their standardised loading (default 0.7)")
    verb.add_argument("--correlation", type=float, default=0.3, help="between the mechanisms (default 0.3)")
    verb.add_argument("--levels", type=int, default=1, choices=[1, 3], help="levels a mechanism is measured by")
    verb.add_argument("--terms", nargs="+", metavar="TERM", help="paths or defined effects; all by default")
    verb.add_argument("--n", nargs="+", type=int, default=[100, 200, 400], help="sample sizes to simulate")
    verb.add_argument("--power", type=float, default=0.8, help="power aimed at (default 0.8)")
    verb.add_argument("--alpha", type=float, default=0.05, help="two-sided level (default 0.05)")
    verb.add_argument("--draws", type=int, default=300, help="samples simulated at each size (default 300)")
    verb.add_argument("--seed", type=int, default=1, help="of the simulation (default 1)")


def run(options: argparse.Namespace) -> int:
    """Print the answer; bad input raises `InputError` before anything is simulated."""
    from pipeline.core import declarations

    declarations.check()
    if options.data_set is not None:
        print(detectable(options.data_set))
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
        raise InputError(
            Problem(where, str(error).splitlines()[0], "a plan that can be simulated", _rest(error))
        ) from None
    print(_shown(found, options))
    return 0


def _plan(options: argparse.Namespace) -> Plan:
    from models.survey import planning

    if options.model is None:
        settings = (options.correlation, options.items, options.loading, options.levels)
        return planning.planned(_effects(options.effects), *settings)
    if not options.model.is_file():
        present = sorted(path.name for path in options.model.parent.glob("*.lav"))
        fix = near(options.model.name, present) if present else "give the path of the file"
        raise InputError(Problem(str(options.model), "no such file", "a text file with a lavaan model", fix))
    return planning.written(options.model.read_text(encoding="utf-8"))


def _effects(given: list[str]) -> dict[str, float]:
    found = {}
    for entry in given:
        label, equals, value = entry.partition("=")
        try:
            found[label] = float(value)
        except ValueError:
            expected = "LABEL=VALUE, for example h1a=0.3"
            fix = "write a number after the equals sign" if equals else "join label and number by an equals sign"
            raise InputError(Problem("--effects", repr(entry), expected, fix)) from None
    return found


def _check(options: argparse.Namespace) -> None:
    problems = []
    for name, low, high in (("power", 0, 1), ("alpha", 0, 1)):
        if not low < (value := getattr(options, name)) < high:
            problems.append(
                Problem(f"--{name}", f"{value:g}", "a number between 0 and 1", "0.8 and 0.05 are customary")
            )
    if min(options.n) < 20:
        problems.append(Problem("--n", str(min(options.n)), "sample sizes of at least 20", "leave it out"))
    if options.draws < 20:
        problems.append(Problem("--draws", str(options.draws), "at least 20 samples a size", "300 give ± 0.05"))
    if problems:
        raise InputError(problems)


def _rest(error: Exception) -> str:
    """What follows the first line of a message, or a general remedy."""
    lines = [line.strip() for line in str(error).splitlines()[1:] if line.strip()]
    return " ".join(lines) or "see `stickiness power --help`"


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done}/{total} samples", end="" if done < total else "\n", file=sys.stderr, flush=True)
    elif done == total or done % max(total // 10, 1) == 0:
        print(f"{done}/{total} samples", file=sys.stderr, flush=True)


def _shown(found, options: argparse.Namespace) -> str:
    """A line a term: power at each size, and the size needed."""
    from models.choices import choices
    from models.statistics.distributions import normal_quantile
    from models.statistics.monte_carlo import of_share

    table, needed = found.table, found.needed.set_index("term")
    sizes = list(dict.fromkeys(table["n"]))
    width = max(len(_spaced(term)) for term in needed.index)
    lines = [
        f"{'effect':<{width}}  supposed  " + "  ".join(f"n = {n:<5}" for n in sizes) + f"  n for {options.power:g}"
    ]
    for term, part in table.groupby("term", sort=False):
        powers = "  ".join(f"{row.power:<9.2f}" for row in part.itertuples())
        supposed, people = part["population"].iloc[0], _people(needed.loc[term], sizes)
        lines.append(f"{_spaced(term):<{width}}  {supposed:<8.2f}  {powers}  {people}")
    margin = normal_quantile(0.5 + choices.confidence / 2) * of_share(0.5, options.draws)
    lines += [
        "",
        f"Power: share of {options.draws} simulated samples in which the effect is significant, ± {margin:.2f} at most",
        f"(two-sided {options.alpha:g}; paths by Wald tests, defined effects by Monte-Carlo intervals).",
        "Supposed: as the fitted model finds it in a very large sample, in the unit of the first items.",
    ]
    failed = int(table.drop_duplicates("n")["failed"].sum())
    if failed:
        lines.append(f"In {failed} samples the model could not be estimated; they count as not significant.")
    return "\n".join(lines)


def _spaced(term: str) -> str:
    return term.replace("~", " ~ ")


def _people(row: pd.Series, sizes: list[int]) -> str:
    if row["n"] > 20 * max(sizes):
        return f"more than {20 * max(sizes)}"
    return f"{row['n']}{' (beyond the sizes simulated)' if row['extrapolated'] else ''}"


def detectable(data_set: str) -> str:
    """A line a path of a finished survey: the smallest standardised effect found with probability .80, by group."""
    from pipeline.core import paths, results

    path = paths.of(data_set, "structure.csv")
    if not path.is_file():
        known = sorted(p.parent.name for p in paths.of("*").parent.glob("*/structure.csv"))
        fix = (
            f"run `stickiness stage structure {data_set}` first"
            if paths.card_path(data_set).is_file()
            else near(data_set, known)
        )
        raise InputError(Problem(str(path), "no results of this data set", "a data set that has been run", fix))
    rows = results.read(path)
    rows = rows[(rows["table"] == "detectable") & (rows["quantity"] == "std_all")]
    if rows.empty:
        problem = Problem(str(path), "no structural paths", "a survey that measures causes and effects", "see its page")
        raise InputError(problem)
    groups = list(dict.fromkeys(rows["group"]))
    terms = list(dict.fromkeys(rows["term"]))
    width = max(len(term) for term in terms)
    cells = rows.set_index(["term", "group"])["estimate"]
    sizes = rows.drop_duplicates("group").set_index("group")["n"]
    head = [f"{group or 'everybody'} (n = {sizes[group]:.0f})" for group in groups]
    lines = [f"{'':<{width}}  " + "  ".join(head)]
    for term in terms:
        values = [f"{cells[term, g]:.2f}" if (term, g) in cells.index else "–" for g in groups]
        lines.append(
            f"{term:<{width}}  " + "  ".join(f"{v:<{len(h)}}" for v, h in zip(values, head, strict=True)).rstrip()
        )
    lines.append("")
    lines.append(
        "Smallest standardised effect that the sample would find with probability .80 (two-sided .05, unadjusted)."
    )
    lines.append(
        "Power at the observed effect is not computed: it says no more than the p-value (Hoenig & Heisey 2001)."
    )
    return "\n".join(lines)
