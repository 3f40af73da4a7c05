"""Panels too large for memory: slopes streamed over all users, every other step on a random sample of whole users."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from models import panel, results, specs
from models.behaviour.panel_models import compared, composites, fit_rows, slope_rows, stated
from models.behaviour.units import ALL, pooled
from models.panel.errors import NotEstimableError
from models.panel.language.editing import lags_as_columns, used
from models.panel.streaming.blocks import NotStreamableError
from models.remarks import Remark, packed, remark
from models.specs import PanelSpec
from models.statistics.seeding import SeedOf

Read = Callable[[list[str]], Iterable[pd.DataFrame]]

FROM_SLOPES = ["slopes", "panel_fit", "dropped", "equality", "pairs", "contrast"]


@dataclass(frozen=True)
class Stream:
    """A panel that is read in pieces.

    Attributes
    ----------
    read
        Columns → frames of consecutive rows, sorted by `entity` and `time`, the same rows at every call.
    offered
        Measures in the file.
    groups
        Columns of groups in the file.
    """

    read: Read
    offered: tuple[str, ...]
    groups: tuple[str, ...]

    @property
    def measures(self) -> set[str]:
        """Measures of the file, and mechanisms made from their levels."""
        return {*self.offered, *composites(self.offered)}

    @cached_property
    def scales(self) -> dict[str, pd.DataFrame]:
        """Mean and standard deviation within platform: of all rows (`""`), of the rows whose group is known."""
        return {by: self._scale(by) for by in ("", *self.groups)}

    @cached_property
    def members(self) -> dict[str, int]:
        """Number of members of every grouping."""
        seen: dict[str, set[str]] = {group: set() for group in self.groups}
        for frame in self.read(list(self.groups)):
            for group in self.groups:
                seen[group] |= set(frame[group].dropna().unique())
        return {group: len(found) for group, found in seen.items()}

    def frames(self, measures: Iterable[str], by: str = "", units: str = "raw") -> Iterator[pd.DataFrame]:
        """Rows with a known group: keys, measures, and their values a period ago.

        Units are `raw`, standard deviations of the platform (`std`), or those within platforms in all (`common`).
        """
        measures = list(measures)
        rows = self._rows(measures, by)
        if units != "raw":
            scale = self.scales[by] if units == "std" else _common(self.scales[by])
            rows = _scaled(rows, measures, scale)
        return with_lags(rows, measures)

    def _rows(self, measures: Iterable[str], by: str) -> Iterator[pd.DataFrame]:
        made = {name: levels for name, levels in composites(self.offered).items() if name in measures}
        sources = [name for name in measures if name not in made] + [x for levels in made.values() for x in levels]
        platform = ["platform_type"] if "platform_type" in self.groups else []
        columns = ["entity", "time", *platform, *([by] if by else []), *sources]
        for frame in self.read(list(dict.fromkeys(columns))):
            known = frame[frame[by].notna()].reset_index(drop=True) if by else frame
            for name, levels in made.items():
                scaled = next(_scaled([known[[*platform, *levels]]], levels, self._level_scale))
                known = known.assign(**{name: scaled[levels].mean(axis=1, skipna=False)})
            yield known

    @cached_property
    def _level_scale(self) -> pd.DataFrame:
        return _moments(self._rows(self.offered, ""), list(self.offered))

    def _scale(self, by: str) -> pd.DataFrame:
        measures = sorted(self.measures)
        return _moments(self._rows(measures, by), measures)


def with_lags(frames: Iterable[pd.DataFrame], columns: list[str]) -> Iterator[pd.DataFrame]:
    """Add `lag(x)`, the same entity's value one period earlier (none over a gap); entities may straddle frames."""
    last = None
    for frame in frames:
        if len(frame) == 0:
            continue
        whole = frame if last is None else pd.concat([last, frame], ignore_index=True)
        follows = (whole["entity"] == whole["entity"].shift()) & (whole["time"].diff() == 1)
        lags = {f"lag({name})": whole[name].shift().where(follows) for name in columns}
        yield whole.assign(**lags).iloc[0 if last is None else 1 :]
        last = whole.iloc[[-1]]


def _platforms(frame: pd.DataFrame) -> pd.Series:
    return frame["platform_type"] if "platform_type" in frame else pd.Series(ALL, index=frame.index)


def _moments(frames: Iterable[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Mean and standard deviation of columns by platform, merged piece by piece.

    Chan, Golub & LeVeque (1983), doi:10.1080/00031305.1983.10483115.
    """
    total: dict[tuple[str, str], tuple[float, float, float]] = {}
    for frame in frames:
        for platform, part in frame.groupby(_platforms(frame), observed=True):
            values = part[columns].to_numpy(dtype=np.float64)
            n = np.isfinite(values).sum(axis=0)
            mean = np.divide(np.nansum(values, axis=0), n, where=n > 0, out=np.zeros(len(columns)))
            square = np.nansum((values - mean) ** 2, axis=0)
            for name, *new in zip(columns, n, mean, square, strict=True):
                old = total.get((str(platform), name), (0.0, 0.0, 0.0))
                both, gap = old[0] + new[0], new[1] - old[1]
                if both:
                    merged = old[2] + new[2] + gap**2 * old[0] * new[0] / both
                    total[str(platform), name] = both, old[1] + gap * new[0] / both, merged
    rows = {key: (n, mean, np.sqrt(square / (n - 1)) if n > 1 else np.nan) for key, (n, mean, square) in total.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["n", "mean", "sd"])


def _common(scale: pd.DataFrame) -> pd.DataFrame:
    """The same scale for every platform: the mean of all rows and the deviation within platforms."""
    out = scale.copy()
    measures = pd.Series([measure for _, measure in scale.index], index=scale.index)
    for _, part in scale.groupby(measures):
        out.loc[part.index, "mean"] = np.average(part["mean"], weights=part["n"])
        out.loc[part.index, "sd"] = pooled(part["n"], part["sd"])
    return out


def _scaled(frames: Iterable[pd.DataFrame], columns: list[str], scale: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Columns in standard deviations within their platform."""
    for frame in frames:
        platforms = _platforms(frame)
        known = {}
        for name in columns:
            mean = {p: scale["mean"].get((p, name), np.nan) for p in platforms.dropna().unique()}
            sd = {p: scale["sd"].get((p, name), np.nan) or np.nan for p in mean}
            known[name] = (frame[name] - platforms.map(mean).astype(float)) / platforms.map(sd).astype(float)
        yield frame.assign(**known)


def streams(spec: PanelSpec, formula: str) -> Remark | None:
    """Why a specification does not stream; None where it does."""
    if spec.estimator != "within":
        return remark("needs_whole_users", estimator=spec.estimator)
    if spec.cluster != "entity":
        return remark("clusters_are_users", by=spec.cluster)
    if set(spec.deviations) & set(used(formula)):
        return remark("deviations_need_passes")
    return None


def fit_streamed(stream: Stream, spec: PanelSpec, formula: str, by: str | None, units: str) -> panel.PanelFit:
    """The specification's slopes over all users."""
    keys: dict[str, Any] = {"entity": "entity", "time": "time", "cluster": spec.cluster, "effects": spec.effects}
    names = list(used(formula))
    return panel.fit_stream(
        lags_as_columns(formula), lambda: stream.frames(names, by or "", units), by=by, fallback=False, **keys
    )


def with_streamed(rows: pd.DataFrame, stream: Stream, sampled: Remark, seed_of: SeedOf) -> pd.DataFrame:
    """Put streamed slopes and comparisons in the place of those of the sample; `sampled` says what the sample is."""
    said = packed([sampled, remark("other_slopes_of_all")])
    remarks, fresh = [{"table": "remarks", "term": "panel", "quantity": "sampled", "note": said}], []
    out = rows
    for name, spec in specs.panel_specs().items():
        formula = stated(spec, stream.measures)
        if not formula:
            continue
        reason = streams(spec, formula)
        try:
            found = [] if reason else _streamed_rows(name, spec, formula, stream, seed_of)
        except (NotStreamableError, NotEstimableError) as error:
            found, reason = [], error.remark
        if reason:
            lost = {"table": "remarks", "model": name, "term": name, "quantity": "sampled"}
            remarks.append(lost | {"note": packed([sampled, remark("not_streamed", why=reason)])})
            continue
        out = out[~(out["model"].eq(name) & out["table"].isin(FROM_SLOPES))]
        fresh += found
    return pd.concat([out, *fresh, results.rows(remarks)], ignore_index=True)


def _streamed_rows(name: str, spec: PanelSpec, formula: str, stream: Stream, seed_of: SeedOf) -> list[pd.DataFrame]:
    by = spec.by if stream.members.get(spec.by, 0) > 1 else None
    rows = []
    for units in ("raw", "std"):
        for group in dict.fromkeys((None, by)):
            fit = fit_streamed(stream, spec, formula, group, units)
            rows.append(slope_rows(fit, name, units, group, seed_of))
            if units == "raw":
                rows.append(fit_rows(fit, name, group))
    for group in (g for g in stream.groups if stream.members[g] > 1):
        fit = fit_streamed(stream, spec, formula, group, "common")
        if len(fit.groups) > 1:
            rows.append(compared(name, fit, group))
    return rows
