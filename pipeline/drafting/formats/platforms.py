"""Columns that other programs for questionnaires add of their own: LimeSurvey, REDCap, Google Forms, Kobo."""

from __future__ import annotations

import re
from dataclasses import replace

from pipeline.drafting.sheet import Sheet
from pipeline.wording.texts import worded

LIMESURVEY = {
    "id": "respondent", "submitdate": "started", "lastpage": "technical", "startlanguage": "category",
    "seed": "technical", "startdate": "technical", "datestamp": "technical", "ipaddr": "personal",
    "refurl": "technical", "token": "personal", "interviewtime": "duration",
}  # fmt: skip
LIMESURVEY_WORDED = {
    "Response ID": "respondent", "Date submitted": "started", "Last page": "technical", "Start language": "category",
    "Seed": "technical", "Date started": "technical", "Date last action": "technical", "IP address": "personal",
    "Total time": "duration",
}  # fmt: skip
REDCAP = {
    "record_id": "respondent", "redcap_event_name": "technical", "redcap_survey_identifier": "personal",
    "redcap_repeat_instrument": "technical", "redcap_repeat_instance": "technical",
    "redcap_data_access_group": "technical",
}  # fmt: skip
KOBO = {
    "start": "started", "end": "technical", "_id": "respondent", "_uuid": "technical", "_submission_time": "technical",
    "_validation_status": "technical", "_notes": "technical", "_status": "technical", "_submitted_by": "personal",
    "__version__": "technical", "_tags": "technical", "_index": "technical", "_geolocation": "personal",
    "deviceid": "personal", "username": "personal", "phonenumber": "personal",
}  # fmt: skip
GOOGLE = {
    "Timestamp": "started", "Email Address": "personal", "Username": "personal", "Score": "technical",
    "时间戳记": "started", "时间戳": "started", "电子邮件地址": "personal",
}  # fmt: skip
KNOWN = (
    ("LimeSurvey", LIMESURVEY, {"submitdate", "startlanguage"}),
    ("LimeSurvey", LIMESURVEY_WORDED, {"Response ID", "Last page"}),
    ("Kobo", KOBO, {"_uuid", "_submission_time"}),
)
_MATRIX = re.compile(r"^(.*?)\s*\[([^\[\]]+)\]\s*$", flags=re.S)


def recognised(sheet: Sheet) -> Sheet:
    """The sheet with what the exporting program says of its columns; as it was where none is known."""
    names = [str(name) for name in sheet.frame.columns]
    for origin, own, needed in KNOWN:
        if needed <= set(names):
            return _with(sheet, origin, own)
    if "record_id" in names and any(n.startswith("redcap_") or n.endswith("_complete") for n in names):
        done = {n: "technical" for n in names if n.endswith("_complete")}
        stamp = {n: "started" for n in names if n.endswith("_timestamp")}
        return _with(sheet, "REDCap", REDCAP | done | stamp)
    if names and names[0] in GOOGLE and GOOGLE[names[0]] == "started":
        return _with(sheet, "Google Forms", GOOGLE)
    return _with(sheet, sheet.origin, {})


def _with(sheet: Sheet, origin: str, own: dict[str, str]) -> Sheet:
    """Roles, and matrix questions of the form `stem [item]` parted."""
    wording, stem = dict(sheet.wording), dict(sheet.stem)
    for name in map(str, sheet.frame.columns):
        found = _MATRIX.match(sheet.wording.get(name, name))
        if found and name not in own and name not in stem:
            shared, wording[name] = found[1].strip(), found[2].strip()
            if shared:
                stem[name] = shared
    kinds = sheet.kinds | {name: own[name] for name in map(str, sheet.frame.columns) if name in own}
    said = (*sheet.said, worded("platform_columns_known", origin=origin)) if own else sheet.said
    return replace(sheet, origin=origin, wording=wording, stem=stem, kinds=kinds, said=said)
