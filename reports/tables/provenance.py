"""Where every number comes from: sources, seeds, versions, and the map from exhibit to stage, file and command."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from markupsafe import Markup

from pipeline.core import seeds
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Page, Table
from reports.reading import Report
from reports.texts import Texts

PACKAGES = (
    "numpy", "scipy", "pandas", "numba", "duckdb", "ibis-framework", "semopy", "linearmodels", "statsmodels",
    "formulaic", "matplotlib", "jupytext", "nbclient", "nbconvert", "dvc",
)  # fmt: skip
FILES = {
    "card": "data/{set}/card.yaml",
    "acquire": "results/{set}/raw/provenance.json",
    "clean": "results/{set}/clean/ledger.csv",
    "measure": "results/{set}/measure.csv",
    "structure": "results/{set}/structure.csv",
    "panel": "results/{set}/panel.csv",
    "judge": "results/{set}/judge/",
    "page": "results/pages/{set}/",
}


def sources(report: Report, texts: Texts) -> list[Table]:
    """Source files with their checksums."""
    body = []
    for table, entry in report.provenance["files"].items():
        where = entry.get("package") or texts.maybe(f"source.{report.card.source['kind']}", report.card.source["kind"])
        hash_ = _hash(entry["sha256"]) if "sha256" in entry else numbers.EMPTY
        body.append([table, entry["file"], where, numbers.count(entry["rows"]), hash_])
    return [
        Table(
            name="sources",
            caption=texts("caption.sources"),
            head=[texts(f"head.{name}") for name in ("table", "file", "source", "rows", "sha256")],
            kinds=[TEXT, TEXT, TEXT, NUMBER, TEXT],
            rows=body,
            stages=["acquire"],
        )
    ]


def exhibits(page: Page) -> list[Table]:
    """The map from exhibit to stage, file and command, from what the page has shown so far."""
    body = []
    for number, exhibit in page.shown:
        stages = list(exhibit.stages)
        files = [FILES[stage].format(set=page.report.id) for stage in stages]
        commands = [f"stickiness stage {stage} {page.report.id}" for stage in stages if stage != "card"]
        body.append(
            [
                Markup("<span class='nowrap'>{}</span>").format(number),
                exhibit.caption,
                *(_lines(part) for part in (stages, files, commands)),
            ]
        )
    return [
        Table(
            name="exhibits",
            caption=page.texts("caption.exhibits"),
            head=[page.texts(f"head.{name}") for name in ("exhibit", "caption", "stage", "file", "command")],
            kinds=[TEXT] * 5,
            rows=body,
            stages=["judge"],
        )
    ]


def _lines(parts: list[str]) -> Markup:
    return Markup("<br>").join(_code(part) for part in parts) or Markup(numbers.EMPTY)


def _hash(digest: str) -> Markup:
    """A checksum that may break after every eighth character."""
    return Markup("<code>{}</code>").format(
        Markup("<wbr>").join(digest[at : at + 8] for at in range(0, len(digest), 8))
    )


def _code(text: str) -> Markup:
    """A path or command that may break after a slash only."""
    return Markup("<code>{}</code>").format(Markup("/<wbr>").join(text.split("/")))


def environment(report: Report, texts: Texts) -> list[Table]:
    """Versions, seeds, hashes of the files that the page read."""
    versions = [["Python", platform.python_version()]]
    for name in PACKAGES:
        try:
            versions.append([name, version(name)])
        except PackageNotFoundError:
            versions.append([name, numbers.EMPTY])
    drawn = [[texts("seed.global"), str(report.seed)]]
    drawn += [[" · ".join(names), str(seeds.seed(report.seed, report.id, *names))] for names in _seeded(report)]
    hashes = [[path, _hash(digest)] for path, digest in report.hashes.items()]
    return [
        _two("files", texts, ("file", "sha256"), hashes, ["page"]),
        _two("seeds", texts, ("stage", "seed"), drawn, ["page"]),
        _two("versions", texts, ("package", "version"), versions, ["page"]),
    ]


def _seeded(report: Report) -> list[tuple[str, ...]]:
    """Names from which the stages that draw random numbers take their seeds."""
    found: list[tuple[str, ...]] = [("acquire",)] if report.card.source["kind"] == "simulator" else []
    if report.card.survey is not None:
        found += [("measure",)] + [("measure", "model")] * (not report.table("eigenvalues").empty)
        found += [("structure", model) for model in report.models("fit")]
    return found


def _two(name: str, texts: Texts, head: tuple[str, str], rows: list[list[str]], stages: list[str]) -> Table:
    return Table(
        name=name,
        caption=texts(f"caption.{name}"),
        head=[texts(f"head.{part}") for part in head],
        kinds=[TEXT, TEXT],
        rows=rows,
        stages=stages,
    )
