"""`stickiness package`: the deposit of published data sets, as a folder and as one file."""

from __future__ import annotations

import argparse
import shutil
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from pipeline.core import paths
from pipeline.reading.sources import sha256
from pipeline.wording.words import said

if TYPE_CHECKING:
    from pipeline.depositing.contents import Contents

README, SUMS = "DEPOSIT.md", "SHA256SUMS"
_ZIPPED = (1980, 1, 1, 0, 0, 0)


def add_to(verbs: argparse._SubParsersAction) -> None:
    """Declare the verb and its arguments."""
    verb = verbs.add_parser("package", help=said("package_help"))
    verb.add_argument("data_set", nargs="*", metavar=said("set"), help=said("package_set_help"))
    verb.add_argument("--to", type=Path, default=paths.RESULTS / "deposit", help=said("package_to_help"))


def run(options: argparse.Namespace) -> int:
    """Write the deposit; what its licence keeps out is listed."""
    from pipeline.depositing.contents import contents
    from pipeline.verifying import published

    names = published.chosen(options.data_set)
    with TemporaryDirectory() as download, paths.whole(options.to) as draft:
        found = contents(names, Path(download))
        write(draft, found)
    target = options.to.with_suffix(".zip")
    zipped(options.to, target)
    print(said("packaged", n=len(found.code) + len(found.data), folder=options.to, file=target))
    for one in found.left_out:
        print(said("package_left_out", data_set=one.data_set, file=one.file, licence=one.licence, get=one.get))
    return 0


def write(folder: Path, found: Contents) -> None:
    """Write a deposit into a folder that does not exist yet."""
    from pipeline.cards import card as cards
    from pipeline.depositing import crate, ddi, readme
    from pipeline.running import enlisting
    from pipeline.verifying import published
    from reports.rendering import template

    names = found.data_sets
    for place, source in {**{name: Path(name) for name in found.code}, **found.data}.items():
        target = folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    settings = folder / "params.yaml"
    settings.write_text(enlisting.replaced(settings.read_text(encoding="utf-8"), names), encoding="utf-8")
    (folder / "codebook").mkdir()
    dates = []
    for name in names:
        card, was = cards.load(paths.card_path(name)), published.load(name)
        dates.append(str(was.facts["date"]))
        (folder / "codebook" / f"{name}.xml").write_bytes(ddi.codebook(card, was))
        (folder / "codebook" / f"{name}.jsonld").write_text(ddi.schema_org(card, was), encoding="utf-8")
    title = said("package_title", names=", ".join(names))
    text = template("deposit.md.j2").render(
        title=title, facts=readme.facts(found), packed=bool(found.data), size=round(readme.folder_size(folder) / 1e6, 1)
    )
    (folder / README).write_text(text + "\n", encoding="utf-8")
    crate.describe(folder, names, title, max(dates))
    sums = [
        f"{sha256(path)}  {path.relative_to(folder).as_posix()}" for path in sorted(folder.rglob("*")) if path.is_file()
    ]
    (folder / SUMS).write_text("\n".join(sums) + "\n", encoding="utf-8")


def zipped(folder: Path, target: Path) -> None:
    """Pack a folder into one file with fixed dates."""
    with paths.whole(target) as draft, zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", _ZIPPED)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, path.stat().st_mode << 16
                packed.writestr(entry, path.read_bytes())
