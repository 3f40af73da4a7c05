"""What did not go well in a run: which step of which data set, what it said, the one command to try next."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.running.progress import Failure, Outcome
from pipeline.wording.forms import form
from pipeline.wording.words import listed, said, typed


def told(outcome: Outcome, data_sets: Sequence[str]) -> str:
    """The list of failures at the end of a run, each message once."""
    lines: list[str] = []
    for told_of_all in outcome.said:
        lines += ["", said("failed"), told_of_all]
    if outcome.failures:
        held_up = list(dict.fromkeys(failure.data_set for failure in outcome.failures if failure.data_set))
        of_all = said("failed_report")
        lines += ["", said("failed_sets", n=len(held_up), all=len(data_sets)) if held_up else of_all]
        for failure in outcome.failures:
            where = failure.data_set or said("all_sets")
            lines += ["", said("failed_step", where=where, step=failure.step), *_indented(failure.said)]
            lines.append(said("failed_next", command=_next(failure)))
        if held_up:
            shown = listed(outcome.finished)
            lines += ["", said("report_shows", names=shown) if shown else said("none_finished")]
    return "\n".join(lines)


def _next(failure: Failure) -> str:
    """A defect shows itself with its traceback; everything else is mended, if need be, and run again."""
    name = typed(failure.data_set)
    again = f"stickiness run {name}".rstrip()
    if _says(failure, "nothing_kept_so_run_again"):
        return again
    if _says(failure, "a_defect"):
        return " ".join(filter(None, ["stickiness stage", failure.step, name, "--debug"]))
    mended = f"stickiness check {name}" if failure.step in ("acquire", "clean") else again
    return said("mend_it", command=mended)


def _says(failure: Failure, key: str) -> bool:
    return any(text in failure.said for text in form(key).values())


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]
