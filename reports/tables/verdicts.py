"""Verdicts on the hypotheses, and how well a known truth was recovered."""

from __future__ import annotations

from markupsafe import Markup

from models import theory
from reports import measured_part, numbers
from reports.exhibits import NUMBER, TEXT, Band, Figure, Table
from reports.figures import recovery as drawing
from reports.reading import Report
from reports.tables.accounts import exposure
from reports.tables.group_comparison import with_level
from reports.tables.structure import MAIN
from reports.texts import Texts

MARKS = {
    "supported": "●", "opposite": "▼", "practically_zero": "≈", "inconclusive": "○", "pattern_rejected": "×",
    "not_testable": "–",
}  # fmt: skip


def mark(verdict: str, texts: Texts) -> Markup:
    """A verdict as symbol and words."""
    return Markup('<span class="verdict {}"><span aria-hidden="true">{}</span> {}</span>').format(
        verdict, MARKS[verdict], texts(f"verdict.{verdict}")
    )


def verdicts(report: Report, texts: Texts) -> list[Table]:
    """One table a kind of test: those that were possible, then those that were not, with the reason."""
    found = []
    for kind in report.kinds:
        rows = report.verdicts[report.verdicts["kind"] == kind]
        tested, untested = rows[rows["pvalue"].notna()], rows[rows["pvalue"].isna()]
        if len(tested):
            found.append(_tested(report, texts, kind, tested))
            found += exposure(report, kind, texts)
        if len(untested):
            found.append(_untested(texts, kind, untested))
    return found


# Rules that look at several terms, of which the weakest decides.
OF_SEVERAL = (theory.Chain, theory.All, theory.Equivalence)


def _tested(report: Report, texts: Texts, kind: str, rows) -> Table:
    body, tests = [], {key: getattr(hypothesis, kind) for key, hypothesis in theory.hypotheses().items()}
    equivalent = {key for key in rows["hypothesis"] if isinstance(tests[key], theory.Equivalence)}
    # An interval is about four errors wide.
    digits = numbers.shared(list(rows["estimate"]), list((rows["ci_upper"] - rows["ci_lower"]) / 4))
    for row in rows.itertuples():
        hypothesis = theory.hypotheses()[row.hypothesis]
        body.append(
            [
                row.hypothesis,
                texts.claim(row.hypothesis, kind),
                texts.section(hypothesis.section),
                _with_reason(row, tests[row.hypothesis], texts),
                numbers.decimal(row.standardised),
                numbers.interval(row.zero_lower, row.zero_upper) or numbers.EMPTY,
                numbers.decimal(row.estimate, digits),
                with_level(row.ci_lower, row.ci_upper, digits, row.hypothesis in equivalent, texts),
                report.style.pvalue(row.pvalue),
                report.style.pvalue(row.pvalue_holm),
                _counted(row, texts),
            ]
        )
    head = ("hypothesis", "claim", "section", "verdict", "beta", "beta_ci", "b", "ci", "p", "p_holm", "n")
    return Table(
        name=f"verdicts_{kind}",
        caption=texts(f"caption.verdicts_{kind}"),
        head=[texts(f"head.{name}") for name in head],
        kinds=[TEXT, TEXT, TEXT, TEXT, *[NUMBER] * 7, TEXT],
        rows=body,
        stages=["judge"],
        defines=["std_all" if kind == "survey" else "std_panel", "holm", "practically_zero"],
        notes=[
            texts("note.verdicts"),
            texts("note.smallest", x=_sources(rows, texts)),
            measured_part.sentence(report, texts, MAIN) if kind == "survey" else "",
            *(texts.maybe(f"note.of_hypothesis.{key}", "") for key in rows["hypothesis"]),
            texts("note.equivalence") if equivalent else "",
        ],
    )


def _sources(rows, texts: Texts) -> str:
    """The smallest effects that the hypotheses of a table are set against, each with where it comes from."""
    of: dict[str, list[str]] = {}
    for key in rows["hypothesis"]:
        smallest = theory.hypotheses()[key].smallest
        if smallest is not None:
            why = [smallest.source, *([texts.pick(smallest.reason)] if smallest.reason else [])]
            from_where = texts("punctuation.clauses").join(part for part in why if part)
            said = numbers.decimal(smallest.value) + texts("punctuation.aside", x=from_where)
            of.setdefault(said, []).append(key)
    return texts("punctuation.clauses").join(
        texts("punctuation.pair", a=texts.listing(keys), b=said) for said, keys in of.items()
    )


def _counted(row, texts: Texts) -> str:
    """The size of the sample; users are named, as the other rows of a panel count periods of users."""
    n = numbers.count(row.n)
    return texts("punctuation.users", n=n) if row.counts == "users" and not numbers.missing(row.n) else n


def _with_reason(row, rule: theory.Rule | None, texts: Texts) -> Markup:
    """The verdict; below it the reason where sign and p alone do not give it, and which of several terms decides."""
    said = [texts.remarks(row.detail)] if row.reason else []
    if isinstance(rule, OF_SEVERAL) and row.term:
        said.append(texts("finding.decided_by", x=texts.term(row.term)))
    lines = Markup("").join(Markup("<br><small>{}</small>").format(line) for line in said)
    return Markup("{}{}").format(mark(row.verdict, texts), lines)


def _untested(texts: Texts, kind: str, rows) -> Table:
    body = [
        [
            row.hypothesis,
            texts.claim(row.hypothesis, kind),
            texts.section(theory.hypotheses()[row.hypothesis].section),
            mark(row.verdict, texts),
            texts.remarks(row.detail),
        ]
        for row in rows.itertuples()
    ]
    return Table(
        name=f"untested_{kind}",
        caption=texts(f"caption.untested_{kind}"),
        head=[texts(f"head.{name}") for name in ("hypothesis", "claim", "section", "verdict", "reason")],
        kinds=[TEXT] * 5,
        rows=body,
        stages=["judge"],
    )


def recovery(report: Report, texts: Texts) -> list[Table | Figure]:
    """How many intervals cover the truth, by model and group; the parameters of everybody drawn; all in a table."""
    rows = report.table("recovery")
    if rows.empty:
        return []
    return [*_truths(report, texts), _coverage(rows, texts), *drawing.figures(report, texts), _all(rows, texts)]


def _truths(report: Report, texts: Texts) -> list[Table]:
    """Truth beside verdict, a row a hypothesis and kind of test; none where no truth of a hypothesis is known."""
    truth = report.table("known_truth")
    if truth.empty:
        return []
    said = report.verdicts.set_index(["hypothesis", "kind"])["verdict"]
    body = [
        [
            row.hypothesis,
            texts.claim(row.hypothesis, row.sample),
            texts(f"kind.{row.sample}"),
            texts("site.trials.true" if row.estimate else "site.trials.untrue"),
            mark(said[row.hypothesis, row.sample], texts),
        ]
        for row in truth.itertuples()
    ]
    head = [*(texts(f"head.{name}") for name in ("hypothesis", "claim", "kind")), texts("site.trials.truth")]
    return [
        Table(
            name="known_truth",
            caption=texts("site.trials_caption"),
            head=[*head, texts("head.verdict")],
            kinds=[TEXT] * 5,
            rows=body,
            stages=["judge"],
        )
    ]


def _coverage(rows, texts: Texts) -> Table:
    """A line a model: its parameters of everybody, those of groups, and all together."""
    body: list[list[str] | Band] = []
    for sample, of_kind in rows.groupby("sample", sort=False):
        body.append(Band(texts(f"kind.{sample}")))
        for model, part in of_kind.groupby("model", sort=False):
            everybody = part["group"].isin(drawing.EVERYBODY)
            shown = [_share(part[everybody], texts), _share(part[~everybody], texts), _percent(part)]
            body.append([texts.model(str(model)), *shown])
    body.append(Band(texts("head.total")))
    everybody = rows["group"].isin(drawing.EVERYBODY)
    shown = [_share(rows[everybody], texts), _share(rows[~everybody], texts), _percent(rows)]
    body.append([texts("level.all_models"), *shown])
    return Table(
        name="coverage",
        caption=texts("caption.coverage"),
        head=[texts(f"head.{name}") for name in ("model", "everybody", "groups", "covered")],
        kinds=[TEXT, NUMBER, NUMBER, NUMBER],
        rows=body,
        stages=["judge"],
        defines=["recovery"],
        notes=[texts("note.coverage")],
    )


def _share(rows, texts: Texts) -> str:
    """How many intervals cover the truth, of how many; nothing where there are none."""
    covered = int((rows["quantity"] == "covered").sum())
    return texts("together.of", k=numbers.count(covered), n=numbers.count(len(rows))) if len(rows) else numbers.EMPTY


def _percent(rows) -> str:
    return numbers.percent((rows["quantity"] == "covered").mean(), 0)


def _all(rows, texts: Texts) -> Table:
    body: list[list[str] | Band] = []
    for (kind, model, group), part in rows.groupby(["sample", "model", "group"], sort=False):
        sample = texts.member(str(group)) if group else texts("level.all")
        if rows.loc[rows["model"] == model, "sample"].nunique() > 1:
            sample += texts("punctuation.aside", x=texts(f"kind.{kind}"))
        body.append(Band(texts("punctuation.pair", a=texts.model(str(model)), b=sample)))
        digits = numbers.shared(list(part["estimate"]), list((part["ci_upper"] - part["ci_lower"]) / 4))
        for row in part.itertuples():
            body.append(
                [
                    texts.slope(row.model, row.term),
                    row.hypothesis,
                    numbers.decimal(row.statistic, digits),
                    numbers.decimal(row.estimate, digits),
                    numbers.interval(row.ci_lower, row.ci_upper, digits),
                    texts(f"quantity.{row.quantity}"),
                ]
            )
    return Table(
        name="recovery",
        caption=texts("caption.recovery"),
        head=[texts(f"head.{name}") for name in ("term", "hypothesis", "truth", "estimate", "ci", "covered")],
        kinds=[TEXT, TEXT, NUMBER, NUMBER, NUMBER, TEXT],
        rows=body,
        stages=["judge"],
        defines=["recovery"],
        fold=True,
    )
