"""Exports of Qualtrics: three rows of head, of which the ImportId is the key; a .qsf beside them knows the choices."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.core.errors import InputError, Problem
from pipeline.drafting.sheet import Sheet
from pipeline.wording.texts import worded

OWN = {
    "StartDate": "started", "EndDate": "technical", "Status": "technical", "IPAddress": "personal",
    "Progress": "technical", "Duration (in seconds)": "duration", "Finished": "technical", "RecordedDate": "technical",
    "ResponseId": "respondent", "RecipientLastName": "personal", "RecipientFirstName": "personal",
    "RecipientEmail": "personal", "ExternalReference": "personal", "LocationLatitude": "personal",
    "LocationLongitude": "personal", "DistributionChannel": "technical", "UserLanguage": "category",
}  # fmt: skip
PREVIEW = {"1", "9", "17", "Survey Preview", "Survey Test"}
_TAG = re.compile(r"<[^>]+>|&nbsp;")


def recognised(cells: pd.DataFrame) -> bool:
    """Whether a table of cells is such an export."""
    first = set(cells.iloc[0]) if len(cells) else set()
    return len(first & set(OWN)) >= 3 and len(cells) > 2 and any("ImportId" in str(cell) for cell in cells.iloc[2])


def sheet(cells: pd.DataFrame, survey: Path | None) -> Sheet:
    """The answers, previews left out; with wordings, and choices where the survey's own file lies beside."""
    names, wordings, keys = (list(cells.iloc[row]) for row in range(3))
    frame = cells.iloc[3:].reset_index(drop=True)
    frame.columns = pd.Index(names)
    frame = frame.where(frame != "")
    cautions: tuple[dict[str, str], ...] = ()
    said = [worded("qualtrics_head")]
    if "Status" in names:
        preview = frame["Status"].isin(PREVIEW)
        if preview.any():
            count = int(preview.sum())
            said.append(worded("previews_left_out", count=count))
            english = f"Previews and tests of the questionnaire ({count} rows) were left out before anything was read."
            cautions = ({"en": english, "zh": f"问卷预览与测试共 {count} 行已在读取前剔除。"},)
            frame = frame[~preview].reset_index(drop=True)
    if "Finished" in names and (open_ := int(frame["Finished"].isin(["0", "False", "FALSE"]).sum())):
        said.append(worded("people_did_not_finish", open=open_))
    wording, stem = {}, {}
    for name, text in zip(names, wordings, strict=True):
        if name in OWN:
            continue
        shared, _, own = _plain(text).rpartition(" - ")
        wording[name] = own or _plain(text)
        if shared:
            stem[name] = shared
    found = Sheet(
        frame,
        "Qualtrics",
        wording,
        stem,
        kinds={n: OWN[n] for n in names if n in OWN},
        said=tuple(said),
        cautions=cautions,
    )
    return _with_choices(found, dict(zip(names, map(_import_id, keys), strict=True)), survey) if survey else found


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", _TAG.sub(" ", str(text))).strip()


def _import_id(cell: str) -> str:
    try:
        return str(json.loads(cell).get("ImportId", ""))
    except (json.JSONDecodeError, AttributeError):
        return ""


def _with_choices(found: Sheet, keys: dict[str, str], survey: Path) -> Sheet:
    """Labels of the values, as the survey recodes them; choices are numbered where it does not."""
    questions = _questions(survey)
    values, wording, stem = dict(found.values), dict(found.wording), dict(found.stem)
    for name, key in keys.items():
        number, _, row = key.partition("_")
        question = questions.get(number)
        if question is None:
            continue
        matrix = question.get("QuestionType") == "Matrix"
        options = question.get("Answers" if matrix else "Choices") or {}
        if question.get("QuestionType") in ("MC", "Matrix") and isinstance(options, dict):
            recode = question.get("RecodeValues") or {}
            values[name] = {str(recode.get(k, k)): _plain(v["Display"]) for k, v in options.items()}
        text = _plain(question.get("QuestionText", ""))
        rows = question.get("Choices")
        if matrix and isinstance(rows, dict) and row in rows:
            wording[name], stem[name] = _plain(rows[row]["Display"]), text
        elif text:
            wording[name] = text
    said = worded("wordings_by_import_id", name=survey.name)
    return replace(found, values=values, wording=wording, stem=stem, said=(*found.said, said))


def _questions(survey: Path) -> dict[str, dict[str, Any]]:
    try:
        elements = json.loads(survey.read_text(encoding="utf-8-sig"))["SurveyElements"]
        payloads = [each["Payload"] for each in elements if each.get("Element") == "SQ"]
        return {payload["QuestionID"]: payload for payload in payloads}
    except (ValueError, KeyError, TypeError) as error:
        fix = worded("export_survey_again")
        raise InputError(
            Problem(
                str(survey),
                worded("column_because", column=type(error).__name__, why=error),
                worded("qualtrics_survey"),
                fix,
            )
        ) from None
