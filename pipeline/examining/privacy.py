"""What could tell who somebody is: columns of the cleaned data, cells of what is published, very small groups."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from models.disclosure.table import PEOPLE
from models.messages.yaml_text import parsed
from models.remarks import remark
from models.results import vocabulary
from pipeline.core import paths
from pipeline.drafting import personal
from pipeline.drafting.sheet import Sheet
from pipeline.examining.tree import Amiss, Tree

# A published group of fewer people than this can be recognised.
FEWEST = 5
_CELL = {
    "mail": re.compile(r"[^@\s,;]+@[^@\s,;]+\.[A-Za-z]{2,}"),
    "address": re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])"),
    "phone": re.compile(r"(?<![\d.])(?:\+\d[\d ()-]{8,}\d|1[3-9]\d{9})(?![\d.])"),
    "coordinates": re.compile(r"-?\d{1,2}\.\d{4,}\s*[,;]\s*-?\d{1,3}\.\d{4,}"),
}


def columns(tree: Tree) -> Iterator[Amiss]:
    """Columns of cleaned data that hold names, addresses or open answers."""
    for path in sorted((tree.root / paths.DECLARED).glob("*/clean/*.parquet")):
        table = pq.read_table(path).to_pandas().head(20_000)
        texts = table.select_dtypes(include=["object", "string", "category"]).astype("str")
        keys = [name for name in texts if name in ("respondent", "entity", "subject")]
        sheet = Sheet(texts.drop(columns=keys))
        for name in {**personal.found(sheet), **personal.free_text(sheet)}:
            yield Amiss("personal", remark("tree_personal_column", column=name), _below(tree, path))


def published(tree: Tree) -> Iterator[Amiss]:
    """Cells of published tables that hold an address, and groups of fewer than five people."""
    for path in sorted((tree.root / paths.PUBLISHED).glob("*/*.csv")):
        if path.name == "program.csv":
            continue
        place = _below(tree, path)
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        for column in table:
            for row, cell in enumerate(table[column], 2):
                kinds = [kind for kind, form in _CELL.items() if form.search(str(cell))]
                if kinds:
                    yield Amiss("personal", remark("tree_personal_cell", column=str(column), kind=kinds[0]), place, row)
        yield from _few(table, place)


def _few(table: pd.DataFrame, place: str) -> Iterator[Amiss]:
    if not {"n", "group", "table"} <= set(table):
        return
    counted = vocabulary.tables()
    sizes = pd.to_numeric(table["n"], errors="coerce")
    people = table["table"].map(lambda name: name in counted and counted[name].counts in PEOPLE).astype(bool)
    for row in table.index[people & (sizes > 0) & (sizes < FEWEST) & (table["group"] != "")]:
        yield Amiss("small_cells", remark("tree_small_cell", n=int(sizes[row]), least=FEWEST), place, int(row) + 2)


def licences(tree: Tree) -> Iterator[Amiss]:
    """Data in the project whose licence does not allow it, and cards that say nothing of one."""
    for name in tree.named("/card.yaml"):
        if not name.startswith("data/"):
            continue
        source = (parsed(tree.texts[name]) or {}).get("source") or {}
        if not source.get("licence"):
            yield Amiss("licences", remark("tree_no_licence"), name)
        folder = name.removesuffix("card.yaml")
        beside = [other for other in tree.files if other.startswith(folder) and other != name]
        if beside and not source.get("redistributable", False):
            for other in beside:
                yield Amiss("licences", remark("tree_not_redistributable"), other)


def _below(tree: Tree, path: Path) -> str:
    return path.relative_to(tree.root).as_posix()
