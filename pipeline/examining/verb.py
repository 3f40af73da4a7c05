"""`stickiness doctor` and `stickiness freeze`: what they print, and the file for programs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from models.remarks import Plain, Remark, remark
from pipeline.core import paths
from pipeline.examining.tree import Amiss, Tree
from pipeline.wording.words import language, said

SHOWN = 6
REPORT = paths.RESULTS / "doctor.json"


def add_to(verbs: Any) -> None:
    """Add the two verbs to the command line."""
    verbs.add_parser("doctor", help=said("doctor_help"))
    freeze = verbs.add_parser("freeze", help=said("freeze_help"))
    freeze.add_argument("--again", action="store_true", help=said("again_help"))


@dataclass(frozen=True)
class Check:
    """One check: what it runs, what it is called, what mends it."""

    find: Callable[[Tree], Iterator[Amiss]]
    name: str
    mend: str


def checks() -> dict[str, Check]:
    """The checks by name, what to mend first before what comes after."""
    from pipeline.examining import frozen, numbers, privacy, provenance, tidiness

    return {
        "columns": Check(privacy.columns, "tree_check_columns", "tree_mend_columns"),
        "published": Check(privacy.published, "tree_check_published", "tree_mend_published"),
        "licences": Check(privacy.licences, "tree_check_licences", "tree_mend_licences"),
        "frozen": Check(frozen.changed, "tree_check_frozen", "tree_mend_frozen"),
        "inputs": Check(provenance.inputs, "tree_check_inputs", "tree_mend_inputs"),
        "environment": Check(provenance.environment, "tree_check_environment", "tree_mend_environment"),
        "seeds": Check(provenance.seeds, "tree_check_seeds", "tree_mend_seeds"),
        "exhibits": Check(provenance.exhibits, "tree_check_exhibits", "tree_mend_exhibits"),
        "numbers": Check(numbers.unproduced, "tree_check_numbers", "tree_mend_numbers"),
        "absolute": Check(tidiness.absolute, "tree_check_absolute", "tree_mend_absolute"),
        "endings": Check(tidiness.endings, "tree_check_endings", "tree_mend_endings"),
        "empty": Check(tidiness.empty, "tree_check_empty", "tree_mend_empty"),
        "double": Check(tidiness.double, "tree_check_double", "tree_mend_double"),
        "stray": Check(tidiness.stray, "tree_check_stray", "tree_mend_stray"),
    }


def examined(tree: Tree) -> dict[str, list[Amiss]]:
    """Check → what it found."""
    return {name: list(check.find(tree)) for name, check in checks().items()}


def doctor(options: argparse.Namespace) -> int:
    """Examine the project; 0 when nothing is amiss."""
    tree = Tree()
    found = examined(tree)
    print(screen(tree, found))
    facts = {
        "files": len(tree.files),
        "checks": {name: len(listed) for name, listed in found.items()},
        "amiss": [
            {"check": one.check, "file": one.file, "row": one.row, "key": one.said.key, "values": dict(one.said.values)}
            for listed in found.values()
            for one in listed
        ],
    }
    with paths.whole(REPORT) as draft:
        draft.write_text(json.dumps(facts, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    return 1 if any(found.values()) else 0


def screen(tree: Tree, found: dict[str, list[Amiss]]) -> str:
    """Counted facts, then what is amiss, then one next step."""
    width = max(map(len, found))
    lines = [_told(remark("tree_examined", files=len(tree.files), checks=len(found))), ""]
    for name, listed in found.items():
        lines.append(f"  {name:<{width}}  {len(listed):>4}  {_told(remark(checks()[name].name))}")
    for listed in found.values():
        for one in listed[:SHOWN]:
            place = one.file if one.row is None else one.file + said("at_row", row=one.row)
            lines += ["", place, f"    {_told(one.said)}"]
        if len(listed) > SHOWN:
            lines.append("    " + _told(remark("tree_more", n=len(listed) - SHOWN, path=REPORT.as_posix())))
    first = next((name for name, listed in found.items() if listed), None)
    step = remark(checks()[first].mend if first else "tree_in_order")
    return "\n".join([*lines, "", _told(remark("tree_next", step=step))])


def _told(said: Remark) -> str:
    return said.worded(Plain(language()))


def freeze(options: argparse.Namespace) -> int:
    """Freeze the hypotheses."""
    from pipeline.examining import frozen

    print(_told(remark("tree_frozen", path=frozen.freeze(options.again).as_posix())))
    return 0
