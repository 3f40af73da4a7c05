"""Where every number comes from: sources, seeds, versions, and the map from exhibit to stage, file and command."""

from __future__ import annotations

from markupsafe import Markup

from pipeline.core import record
from pipeline.core.standing import ON_DEMAND
from reports import numbers
from reports.exhibits import NUMBER, TEXT, Page, Table
from reports.reading import Report
from reports.texts import Texts


def sources(report: Report, texts: Texts) -> list[Table]:
    """Source files with their checksums."""
    body = []
    for table, entry in report.provenance["files"].items():
        where = entry.get("package") or texts.maybe(f"source.{report.card.source.kind}", report.card.source.kind)
        hash_ = _hash(entry["sha256"]) if "sha256" in entry else numbers.EMPTY
        rows = numbers.EMPTY if report.card.smallest_cell else numbers.count(entry["rows"])
        body.append([table, entry["file"], where, rows, hash_])
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


def _command(stage: str, data_set: str) -> str:
    """What makes the results of a stage, or those that are made on demand."""
    return f"stickiness {stage} {data_set}" if stage in ON_DEMAND else f"stickiness stage {stage} {data_set}"


def exhibits(page: Page) -> list[Table]:
    """The map from exhibit to stage, file and command, from what the page has shown so far."""
    body = []
    for number, exhibit in page.shown:
        stages = list(exhibit.stages)
        files = [page.report.file(stage) for stage in stages]
        commands = [_command(stage, page.report.id) for stage in stages if stage != "card"]
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
            fold=True,
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
    """Hashes of the files that the page read; seeds and versions as the stages recorded them when they ran."""
    hashes = [[path, _hash(digest)] for path, digest in report.hashes.items()]
    return [
        _columns("files", texts, ("file", "sha256"), hashes, fold=True),
        _columns("seeds", texts, ("stage", "seed"), _drawn(report, texts), fold=True),
        _columns("versions", texts, ("package", "version", "stage"), _versions(report), fold=True),
    ]


def _drawn(report: Report, texts: Texts) -> list[list[str]]:
    """The global seed, and every seed that a stage drew from, by its names."""
    starts = {str(each["seed"]) for each in report.records.values() if each["seed"] is not None}
    drawn = {tuple(one["of"]): str(one["seed"]) for each in report.records.values() for one in each["seeds"]}
    return [
        *([texts("seed.global"), start] for start in sorted(starts)),
        *([" · ".join(names), seed] for names, seed in drawn.items()),
    ]


def _versions(report: Report) -> list[list[str]]:
    """Each version of a package, with the stages that computed with it; this page is drawn by what is loaded now."""
    found: dict[tuple[str, str], list[str]] = {}
    loaded = {stage: each["versions"] for stage, each in report.records.items()}
    for stage, versions in (loaded | {"page": record.versions(record.modules())}).items():
        for package, version in versions.items():
            found.setdefault((package, version), []).append(stage)
    return [
        [*key, ", ".join(found[key])] for key in sorted(found, key=lambda key: (key[0] != "Python", key[0].lower()))
    ]


def _columns(name: str, texts: Texts, head: tuple[str, ...], rows: list[list[str]], fold: bool = False) -> Table:
    return Table(
        name=name,
        caption=texts(f"caption.{name}"),
        head=[texts(f"head.{part}") for part in head],
        kinds=[TEXT] * len(head),
        rows=rows,
        stages=["page"],
        fold=fold,
    )
