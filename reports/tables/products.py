"""Products of latent causes: what a cause does where another is low or high, and which of two products is larger."""

from __future__ import annotations

from reports import numbers
from reports.exhibits import NUMBER, TEXT, Band, Table
from reports.figures import coefficients
from reports.reading import Report
from reports.texts import Texts


def interactions(report: Report, texts: Texts) -> list[Table]:
    """What a cause does where another is low, middling and high."""
    rows = report.table("simple_slopes")
    if rows.empty:
        return []
    fits = report.table("interaction_fit").drop_duplicates(["term", "quantity"])
    measures = fits.pivot(index="term", columns="quantity", values="estimate")
    body: list[list[str] | Band] = []
    for term in dict.fromkeys(rows["term"]):
        part = rows[rows["term"] == term].set_index("quantity")
        body.append(
            [
                texts.term(term),
                *(coefficients.with_interval(part.loc[place]) for place in ("low", "mean", "high")),
                *(numbers.bounded(measures.loc[term].get(q), 3) for q in ("cfi", "rmsea", "srmr")),
            ]
        )
    head = ("product", "slope_low", "slope_mean", "slope_high", "cfi", "rmsea", "srmr")
    return [
        Table(
            name="interactions",
            caption=texts("caption.interactions"),
            head=[texts(f"head.{name}") for name in head],
            kinds=[TEXT, *[NUMBER] * 6],
            rows=body,
            stages=["structure"],
            defines=["product_indicators", "std_product", "simple_slope"],
            notes=[texts("note.interactions")],
        )
    ]


def product_contrasts(report: Report, texts: Texts) -> list[Table]:
    """Products that a hypothesis sets against each other, in one model, and their difference."""
    rows = report.table("product_contrasts")
    if rows.empty:
        return []
    body: list[list[str] | Band] = []
    for row in rows.itertuples():
        label = texts("punctuation.minus").join(texts.term(one) for one in row.term.split(" − "))
        size = [numbers.decimal(row.estimate, 3), numbers.decimal(row.se, 3)]
        interval = numbers.interval(row.ci_lower, row.ci_upper, 3)
        body.append([label, *size, interval, report.style.pvalue(row.pvalue), texts.remarks(row.note)])
    return [
        Table(
            name="product_contrasts",
            caption=texts("caption.product_contrasts"),
            head=[
                texts("head.product"),
                texts("head.beta"),
                texts("head.se"),
                texts("head.ci"),
                "p",
                texts("head.remark"),
            ],
            kinds=[TEXT, *[NUMBER] * 4, TEXT],
            rows=body,
            stages=["structure"],
            defines=["product_contrast"],
            notes=[texts("note.product_contrasts")],
        )
    ]
