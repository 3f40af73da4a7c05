"""`stickiness doctor` and `stickiness freeze`: what they print, and the file for programs."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from typing import Any

from models.remarks import remark
from pipeline.core import paths
from pipeline.examining.tree import Amiss, Tree

SHOWN = 6
REPORT = paths.RESULTS / "doctor.json"


def add_to(verbs: Any) -> None:
    """Add the two verbs to the command line."""
    verbs.add_parser("doctor", help="what a data editor would send back, counted, and one next step")
    freeze = verbs.add_parser("freeze", help="write down what decides each hypothesis, before results are looked at")
    freeze.add_argument("--again", action="store_true", help="replace what was frozen before")


def checks() -> dict[str, Callable[[Tree], Iterator[Amiss]]]:
    """The checks by name, what to mend first before what comes after."""
    from pipeline.examining import frozen, numbers, privacy, provenance, tidiness

    return {
        "columns": privacy.columns,
        "published": privacy.published,
        "licences": privacy.licences,
        "frozen": frozen.changed,
        "inputs": provenance.inputs,
        "environment": provenance.environment,
        "seeds": provenance.seeds,
        "exhibits": provenance.exhibits,
        "numbers": numbers.unproduced,
        "absolute": tidiness.absolute,
        "endings": tidiness.endings,
        "empty": tidiness.empty,
        "double": tidiness.double,
        "stray": tidiness.stray,
    }


def examined(tree: Tree) -> dict[str, list[Amiss]]:
    """Check → what it found."""
    return {name: list(check(tree)) for name, check in checks().items()}


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
    lines = [str(remark("tree_examined", files=len(tree.files), checks=len(found))), ""]
    for name, listed in found.items():
        lines.append(f"  {name:<{width}}  {len(listed):>4}  {remark(f'tree_check_{name}')}")
    for listed in found.values():
        for one in listed[:SHOWN]:
            place = one.file if one.row is None else f"{one.file}, row {one.row}"
            lines += ["", place, f"    {one.said}"]
        if len(listed) > SHOWN:
            lines.append(f"    {remark('tree_more', n=len(listed) - SHOWN, path=REPORT.as_posix())}")
    first = next((name for name, listed in found.items() if listed), None)
    step = remark(f"tree_mend_{first}") if first else remark("tree_in_order")
    return "\n".join([*lines, "", str(remark("tree_next", step=step))])


def freeze(options: argparse.Namespace) -> int:
    """Freeze the hypotheses."""
    from pipeline.examining import frozen

    print(remark("tree_frozen", path=frozen.freeze(options.again).as_posix()))
    return 0
