"""Files that a deposit should not hold: empty, double, stray, tied to one machine or with foreign line endings."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator

from models.remarks import remark
from pipeline.examining.tree import Amiss, Tree

# Empty on purpose: a package, a marker of types, a folder that git should keep.
_MAY_BE_EMPTY = ("__init__.py", "py.typed", ".gitkeep")
_STRAY = re.compile(
    r"(^|/)(\.DS_Store|Thumbs\.db|desktop\.ini|~\$[^/]*|\.~lock[^/]*|Untitled[^/]*\.ipynb|nohup\.out|core|[^/]*"
    r"(~|\.bak|\.orig|\.rej|\.swp|\.tmp|\.old| - Copy\.[a-z]+|\(\d\)\.[a-z]+))$",
    flags=re.IGNORECASE,
)
_ABSOLUTE = re.compile(
    r"(?<![\w./:>-])(/(?:home|Users|root|mnt|media|Volumes)/[\w.-]+[\w./-]*|[A-Za-z]:\\[\w.-]+\\[^\s\"']*)"
)
# Below this many bytes two files are alike by chance, such as a module that only names its folder.
_SMALL = 200


def empty(tree: Tree) -> Iterator[Amiss]:
    """Files with nothing in them."""
    for name in tree.files:
        if not name.endswith(_MAY_BE_EMPTY) and not tree.bytes(name).strip():
            yield Amiss("empty", remark("tree_empty"), name)


def double(tree: Tree) -> Iterator[Amiss]:
    """Files with the same content."""
    same = defaultdict(list)
    for name in tree.files:
        data = tree.bytes(name)
        if len(data) >= _SMALL:
            same[hashlib.sha256(data).digest()].append(name)
    for first, *others in same.values():
        for name in others:
            yield Amiss("double", remark("tree_double", other=first), name)


def stray(tree: Tree) -> Iterator[Amiss]:
    """What editors and systems leave behind."""
    for name in tree.files:
        if _STRAY.search(name):
            yield Amiss("stray", remark("tree_stray"), name)


def absolute(tree: Tree) -> Iterator[Amiss]:
    """Paths that are good on one machine only."""
    for name, text in tree.texts.items():
        for row, line in enumerate(text.splitlines(), 1):
            for found in _ABSOLUTE.findall(line):
                yield Amiss("absolute", remark("tree_absolute", path=found), name, row)


def endings(tree: Tree) -> Iterator[Amiss]:
    """Texts whose lines end as on another system: their checksums change with the machine."""
    for name, text in tree.texts.items():
        if "\r" in text:
            yield Amiss("endings", remark("tree_endings"), name, text[: text.index("\r")].count("\n") + 1)
