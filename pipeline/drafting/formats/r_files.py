"""Tables of R: .rds and .rda."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd

from pipeline.core.errors import InputError, Problem
from pipeline.drafting.formats import library
from pipeline.drafting.sheet import Sheet
from pipeline.wording.texts import as_is, worded

ENDINGS = (".rds", ".rda", ".rdata")


def read(path: Path) -> Sheet:
    """The largest data frame of the file; factors are texts.

    Raises
    ------
    InputError
        For a file that R did not write, or without a data frame.
    """
    rdata = library.imported("rdata", path)

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # classes of other packages come as what they are made of
            value = rdata.read_rds(path) if path.suffix.lower() == ".rds" else rdata.read_rda(path)
    except Exception as error:  # whatever the parser stumbles over, the file is no file of R
        raise InputError(
            Problem(str(path), as_is(str(error)), worded("file_of_r"), worded("save_with_saverds"))
        ) from None
    frames = {"": value} if isinstance(value, pd.DataFrame) else {}
    if isinstance(value, dict):
        frames = {name: each for name, each in value.items() if isinstance(each, pd.DataFrame)}
    if not frames:
        raise InputError(
            Problem(str(path), worded("no_data_frame"), worded("data_frame"), worded("save_as_data_frame"))
        )
    chosen = max(frames, key=lambda name: frames[name].size)
    frame = frames[chosen].reset_index(drop=True).rename(columns=str)
    for name in frame.columns:
        if isinstance(frame[name].dtype, pd.CategoricalDtype) or frame[name].dtype == object:
            frame[name] = frame[name].astype("str").where(frame[name].notna())
    others = [name for name in frames if name != chosen]
    said = (worded("largest_data_frame", chosen=chosen, others=", ".join(others)),) if others else ()
    return Sheet(frame, "R", said=said)
