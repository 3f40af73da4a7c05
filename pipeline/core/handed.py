"""The parameters that a stage is handed: those that `dvc.yaml` declares for it, and no others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from models.analysis.setting import Doubtful, Estimation
from pipeline.core import declared, params
from pipeline.core.blocks import Measure, Options, Panel
from pipeline.core.errors import InputError, Problem
from pipeline.wording.texts import worded


@dataclass(frozen=True)
class Handed(Mapping[str, Any]):
    """Parameters of one stage by the name of their block, as `params["structure"]` or, typed, `params.structure`.

    DVC runs a stage again when a parameter that it declares has changed. One that it read without declaring it could
    change unseen, so that reading it is an error, also by `get` and `in`.
    """

    stage: str
    blocks: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        if name not in self.blocks:
            raise InputError(
                Problem(
                    str(declared.FILE),
                    worded("stage_reads_undeclared_parameter", stage=self.stage, name=name),
                    worded("what_is_declared", names=", ".join(self.blocks) or worded("no_parameter")),
                    worded("declare_parameter", name=name),
                    column=f"stages.{self.stage}.params",
                )
            )
        return self.blocks[name]

    @property
    def seed(self) -> int:
        return self["seed"]

    @property
    def mirror(self) -> str | None:
        """Folder that is searched first for source files."""
        return self["mirror"]

    @property
    def doubtful(self) -> Doubtful:
        return self["doubtful"]

    @property
    def structure(self) -> Estimation:
        return self["structure"]

    @property
    def measure(self) -> Measure:
        return self["measure"]

    @property
    def events(self) -> Options:
        return self["events"]

    @property
    def panel(self) -> Panel:
        return self["panel"]

    def __iter__(self) -> Iterator[str]:
        return iter(self.blocks)

    def __len__(self) -> int:
        return len(self.blocks)


def to(stage: str) -> Handed:
    """The parameters that a stage may read.

    Raises
    ------
    InputError
        When `dvc.yaml` or `params.yaml` is in disorder, or the one declares what the other does not have.
    """
    every = vars(params.load())
    names = declared.parameters(stage)
    lacking = [name for name in names if name not in every]
    if lacking:
        raise InputError(
            Problem(
                str(declared.FILE),
                worded("stage_declares_unknown_parameter", stage=stage, name=lacking[0]),
                worded("one_of_params_yaml", names=", ".join(every)),
                worded("correct_its_name"),
                column=f"stages.{stage}.params",
            )
        )
    return Handed(stage, {name: every[name] for name in names})
