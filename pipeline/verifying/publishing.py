"""A finished run → `published/<set>/`; refused where nobody could repeat it."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from pipeline.cards import card as cards
from pipeline.cards import studies
from pipeline.core import paths, record, results, standing
from pipeline.core.errors import InputError, Problem
from pipeline.reading import sources
from pipeline.verifying import machine, program, published
from pipeline.wording.texts import as_is, worded

# Bytes of the longest long table that is published with all digits that are kept, and of the longest whose rows are all
# published, then with the digits that are printed; of a longer one the rows that decide.
SMALL, LARGEST = 1_000_000, 3_000_000
_LOOK = paths.DECLARED / "quick"


def publish(data_set: str) -> Path:
    """Write what a finished run found to `published/<set>/`, whole or not at all.

    Raises
    ------
    InputError
        When there is no finished run or only a quick one, when the results are not those of the files as they are,
        when the tree has changes that are not committed, or when a source is not the one that was read.
    """
    card = cards.load(paths.card_path(data_set))
    judged = paths.of(data_set, "judge")
    for problem in (_unfinished(data_set), _uncommitted(), _outdated(data_set)):
        if problem is not None:
            raise InputError(problem)
    provenance = unaltered(card)
    rows = results.read(judged / "results.csv")
    size = (judged / "results.csv").stat().st_size
    whole = size <= LARGEST
    if not whole:
        rows = rows[rows["decides"].astype(str) == "True"]
    elif size > SMALL:
        rows = results.printed(rows)
    facts = {
        "data_set": data_set,
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _git("rev-parse", "HEAD"),
        "machine": machine.facts(),
        "whole": whole,
        "source": _let_out(provenance, card),
        "records": records(data_set),
    }
    with paths.whole(paths.PUBLISHED / data_set) as draft:
        draft.mkdir()
        results.write(rows, draft / "results.csv")
        shutil.copy(judged / "verdicts.csv", draft / "verdicts.csv")
        shutil.copy(paths.RESULTS / "pages" / data_set / "summary.json", draft / "summary.json")
        for name in (studies.ROWS, studies.ABOUT):
            shutil.copy(paths.RESULTS / "judged" / data_set / name, draft / name)
        if standing.stands(data_set, "null"):
            shutil.copy(paths.of(data_set, "null", "results.csv"), draft / "null.csv")
        files = pd.DataFrame(program.files(data_set).items(), columns=["path", "sha256"])
        files.to_csv(draft / "program.csv", index=False, lineterminator="\n")
        text = json.dumps(facts, indent=1, ensure_ascii=False, sort_keys=True)
        (draft / published.FACTS).write_text(text + "\n", encoding="utf-8")
    return paths.PUBLISHED / data_set


def records(data_set: str, root: Path = Path()) -> dict[str, Any]:
    """Stage → what it computed with, as the stages recorded it."""
    places = {stage: root / paths.DECLARED / data_set / f"{stage}.json" for stage in record.recorded()}
    return {stage: json.loads(path.read_text(encoding="utf-8")) for stage, path in places.items() if path.exists()}


def unaltered(card: cards.Card) -> dict[str, Any]:
    """The provenance of a run, each source file that is at hand still the one that the run read.

    Raises
    ------
    InputError
        For a source with another checksum than the one that was read.
    """
    path = paths.of(card.id, "raw", "provenance.json")
    provenance = json.loads(path.read_text(encoding="utf-8"))
    for table, entry in provenance["files"].items():
        if "sha256" not in entry:
            continue
        declared = card.source.files[table]
        if declared.sha256 != entry["sha256"]:
            found = worded("card_names_other_file", sha256=declared.sha256[:12])
            raise InputError(
                Problem(
                    str(card.path),
                    found,
                    worded("sha256_found", found=entry["sha256"]),
                    as_is("stickiness run"),
                    column=f"files.{table}",
                )
            )
        if not declared.url and not card.source.version:
            sources.locate(card, table, paths.params().mirror, Path())
    return provenance


def _let_out(provenance: dict[str, Any], card: cards.Card) -> dict[str, Any]:
    """The provenance without how many rows arrived, where few left out could be reckoned from it."""
    if not card.smallest_cell:
        return provenance
    facts = ("file", "sha256", "package")
    files = {table: {k: v for k, v in entry.items() if k in facts} for table, entry in provenance["files"].items()}
    return provenance | {"files": files}


def _unfinished(data_set: str) -> Problem | None:
    needed = [
        paths.of(data_set, "raw", "provenance.json"),
        paths.of(data_set, "judge", "results.csv"),
        paths.of(data_set, "judge", "verdicts.csv"),
        paths.RESULTS / "pages" / data_set / "summary.json",
    ]
    missing = next((path for path in needed if not path.exists()), None)
    if paths.QUICK or (missing and (_LOOK / data_set).exists()):
        found = worded("results_of_quick_run")
        return Problem(data_set, found, worded("finished_run"), worded("run_without_quick"))
    if missing:
        return Problem(
            missing.as_posix(),
            worded("no_such_file"),
            worded("finished_run_of", data_set=data_set),
            as_is("stickiness run"),
        )
    return None


def _uncommitted() -> Problem | None:
    try:
        changed = _git("status", "--porcelain", "--", ".", f":(exclude){paths.PUBLISHED}")
    except (OSError, subprocess.CalledProcessError):
        found = worded("no_git_repository")
        return Problem(worded("this_project"), found, worded("committed_tree"), worded("publish_from_clone"))
    first = changed.splitlines()
    if first and not (len(first) == 1 and first[0].endswith("params.yaml") and _same_but_data_sets()):
        found = worded("changes_not_committed", n=len(first), such_as=first[0][2:].strip())
        return Problem(worded("this_project"), found, worded("committed_tree"), worded("commit_then_run"))
    return None


def _same_but_data_sets() -> bool:
    """Whether `params.yaml` differs from the committed one only in what is run, on which no number rests."""
    now, then = Path("params.yaml").read_text(encoding="utf-8"), _git("show", "HEAD:./params.yaml")
    found = [yaml.safe_load(text) | {"data_sets": []} for text in (now, then)]
    return found[0] == found[1]


def _outdated(data_set: str) -> Problem | None:
    """Whether DVC would run any stage of the data set again."""
    from dvc.lock import LockError
    from dvc.repo import Repo, lock_repo

    from pipeline.running import dvc_words

    wanted = {f"{stage}@{data_set}" for stage in [*program.stages(), "page"]}
    # `Repo.status` reads dvc.yaml once more for every target; the index has read it once for all.
    try:
        with Repo() as repo, lock_repo(repo):
            changed = sorted(s.addressing for s in repo.index.stages if s.addressing in wanted and s.status())
    except LockError:
        raise InputError(dvc_words.ANOTHER) from None
    if not changed:
        return None
    return Problem(
        f"results of {data_set}",
        worded("results_of_other_files", names=", ".join(changed)),
        worded("results_of_this_very_tree"),
        worded("run_then_publish"),
    )


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, encoding="utf-8", check=True)
    return done.stdout.rstrip()
