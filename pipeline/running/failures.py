"""What did not go well in a run: which step of which data set, what it said, the one command to try next."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.running.progress import Failure, Outcome

_DEFECT = "this is a defect"


def told(outcome: Outcome, data_sets: Sequence[str]) -> str:
    """The list of failures at the end of a run, each message once."""
    lines: list[str] = []
    for said in outcome.said:
        lines += ["", "failed", said]
    if outcome.failures:
        held_up = list(dict.fromkeys(failure.data_set for failure in outcome.failures if failure.data_set))
        lines += ["", f"failed: {len(held_up)} of {len(data_sets)} data sets" if held_up else "failed: the report"]
        for failure in outcome.failures:
            lines += ["", f"{failure.data_set or 'all data sets'}, step {failure.step}:", *_indented(failure.said)]
            lines.append(f"  next:  {_next(failure)}")
        if held_up:
            shown = ", ".join(outcome.finished)
            lines += ["", f"The report shows the others: {shown}." if shown else "No data set is finished."]
    return "\n".join(lines)


def _next(failure: Failure) -> str:
    """A defect shows itself with its traceback; everything else is mended and run again."""
    if _DEFECT in failure.said:
        return " ".join(filter(None, ["stickiness stage", failure.step, failure.data_set, "--debug"]))
    return "mend it, then: stickiness run"


def _indented(text: str) -> list[str]:
    return [f"  {line}" for line in text.splitlines()]
