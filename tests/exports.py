"""Look-alikes of what programs for questionnaires and logs export: one survey with known scales, in every form."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

N = 48
TRUST = ("I trust this platform", "The platform is trustworthy", "I have trust in its sellers")
JOY = ("Using it is a pleasure", "I enjoy my visits", "It is fun to use")
ZH_TRUST = ("我信任这个平台", "这个平台值得信赖", "我对卖家充满信任")
ZH_JOY = ("使用它令人愉快", "我享受浏览的时光", "逛这个平台很开心")
WORDS = ("Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree")
AGREE = ("非常不同意", "不同意", "一般", "同意", "非常同意")
COLUMNS = ("TR1", "TR2", "TR3", "JO1", "JO2", "JO3")


def answers(points: int = 5) -> pd.DataFrame:
    """Two scales of three questions, 1 to `points`; the third of the second scale is reversed."""
    draw = np.random.default_rng(7)
    factors = np.repeat(draw.normal(size=(N, 2)), 3, axis=1) + 0.5 * draw.normal(size=(N, 6))
    given = np.clip(np.round((points + 1) / 2 + 1.3 * factors), 1, points).astype(int)
    given[:2] = np.array([[1], [points]])
    given[:, 5] = points + 1 - given[:, 5]
    return pd.DataFrame(given, columns=list(COLUMNS))


def gender() -> np.ndarray:
    return np.where(np.arange(N) % 2, "女", "男")


def mails() -> list[str]:
    return [f"person{i}@example.org" for i in range(N)]


def addresses() -> list[str]:
    return [f"10.0.{i}.7" for i in range(N)]


def qualtrics(folder: Path) -> list[Path]:
    """Three rows of head, a preview, and the survey with recoded choices."""
    own = ["StartDate", "Status", "IPAddress", "Duration (in seconds)", "Finished", "ResponseId", "RecipientEmail"]
    asked = [f"Q1_{i}" for i in range(1, 4)] + [f"Q2_{i}" for i in range(1, 4)] + ["Q3"]
    wording = [f"How far do you agree? - {text}" for text in TRUST] + [f"And how far here? - {t}" for t in JOY]
    keys = [f"QID1_{i}" for i in range(1, 4)] + [f"QID2_{i}" for i in range(1, 4)] + ["QID3"]
    rows = [
        [*own, *asked],
        [*own, *wording, "Your gender"],
        [json.dumps({"ImportId": key}) for key in [*map(str.lower, own), *keys]],
    ]  # fmt: skip
    given = answers()
    for i in range(N):
        preview = "1" if i == 0 else "0"
        rows.append(
            ["2026-01-02 10:00:00", preview, addresses()[i], str(100 + i), "1", f"R_{i}", mails()[i]]
            + [str(value) for value in given.iloc[i]]
            + ["1" if gender()[i] == "男" else "2"]
        )
    path = folder / "export.csv"
    pd.DataFrame(rows).to_csv(path, index=False, header=False)
    scale = {str(i): {"Display": label} for i, label in zip((11, 12, 13, 14, 15), AGREE, strict=True)}
    recode = dict(zip(scale, "12345", strict=True))

    def matrix(key: str, text: str, wordings: tuple[str, ...]) -> dict:
        choices = {str(i): {"Display": wording} for i, wording in enumerate(wordings, start=1)}
        payload = {"QuestionID": key, "QuestionType": "Matrix", "QuestionText": text, "Choices": choices}
        return {"Element": "SQ", "Payload": payload | {"Answers": scale, "RecodeValues": recode}}

    sexes = {"1": {"Display": "Male"}, "2": {"Display": "Female"}}
    choice = {"QuestionID": "QID3", "QuestionType": "MC", "QuestionText": "Your gender", "Choices": sexes}
    elements = [
        matrix("QID1", "How far do you agree?", TRUST),
        matrix("QID2", "And how far here?", JOY),
        {"Element": "SQ", "Payload": choice},
    ]
    survey = folder / "export.qsf"
    survey.write_text(json.dumps({"SurveyElements": elements}), encoding="utf-8")
    return [path, survey]


def wenjuanxing(folder: Path, form: str) -> list[Path]:
    """By text, by number, or both; with skipped questions, durations in words and several choices in one cell."""
    stem = "4、您在多大程度上同意以下说法"
    heads = [
        "序号",
        "提交答卷时间",
        "所用时间",
        "来源",
        "来源详情",
        "来自IP",
        "1、您的性别",
        "2、您用过哪些平台",
        "3、您的手机号",
    ]
    heads += [f"{stem}—{text}" for text in ZH_TRUST] + [f"5、您对以下说法的看法—{text}" for text in ZH_JOY]
    given = answers()

    def table(by_text: bool) -> list[list[str]]:
        rows = [heads]
        for i in range(N):
            own = [str(i + 1), "2026/1/2 10:00:00", f"{1 + i % 3}分{10 + i}秒", "微信", "N/A", f"10.0.0.{i}(广东-深圳)"]
            sex = gender()[i] if by_text else "1" if gender()[i] == "男" else "2"
            scale = [AGREE[v - 1] if by_text else str(v) for v in given.iloc[i]]
            if i == 5:
                scale[0] = "(空)" if by_text else "-2"
            if i in (6, 7):
                scale[3] = "(跳过)" if by_text else "-3"
            rows.append([*own, sex, "淘宝┋京东" if i % 2 else "淘宝", f"1380000{i:04d}", *scale])
        return rows

    made = []
    for kind in ("number", "text"):
        if form in (kind, "pair"):
            made.append(workbook(folder / f"{kind}.xlsx", table(kind == "text")))
    return made


def workbook(path: Path, rows: list[list[str]]) -> Path:
    """The smallest .xlsx: texts in the cells of one sheet."""
    cell = '<c t="inlineStr"><is><t>{}</t></is></c>'
    lines = "".join("<row>" + "".join(cell.format(escape(str(text))) for text in row) + "</row>" for row in rows)
    space = "http://schemas.openxmlformats.org"
    main, of = f"{space}/spreadsheetml/2006/main", f"{space}/officeDocument/2006/relationships"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"

    def link(to: str, target: str) -> str:
        one = f'<Relationship Id="r1" Type="{of}/{to}" Target="{target}"/>'
        return f'<Relationships xmlns="{space}/package/2006/relationships">{one}</Relationships>'

    parts = {
        "[Content_Types].xml": f'<Types xmlns="{space}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": link("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{of}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": link("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{lines}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def plain(folder: Path, encoding: str, separator: str) -> list[Path]:
    """A table of text with a codebook beside it; 99 means no answer, an amount has a decimal comma where `;` parts."""
    frame = answers().assign(sex=gender(), mail=mails())
    frame.loc[[3, 9], ["TR1", "JO1"]] = 99
    if separator == ";":
        frame["spent"] = [f"{i},5" for i in range(N)]
    path = folder / "answers.csv"
    path.write_bytes(frame.to_csv(index=False, sep=separator).encode(encoding))
    words = pd.DataFrame({"column": COLUMNS, "wording": [*ZH_TRUST, *ZH_JOY]})
    words.to_csv(folder / "codebook.csv", index=False)
    return [path, folder / "codebook.csv"]


def bare_answers() -> pd.DataFrame:
    return answers().assign(SEX=gender(), MAIL=mails())


def bare(folder: Path, ending: str) -> list[Path]:
    """Answers with their names alone: old Excel, SAS, SAS transport, SPSS portable, OpenDocument, Parquet."""
    frame = bare_answers()
    path = folder / f"answers{ending}"
    if (made := Path(__file__).parent / "fixtures/exports" / path.name).exists():
        shutil.copy(made, path)
    elif ending == ".parquet":
        frame.to_parquet(path)
    elif ending == ".ods":
        opendocument(path, [list(frame), *frame.astype(str).to_numpy().tolist()])
    else:
        import pyreadstat

        sex = pd.Series(np.where(gender() == "男", "male", "female"))
        write = pyreadstat.write_por if ending == ".por" else pyreadstat.write_xport
        write(frame.assign(SEX=sex), str(path))
    return [path]


def opendocument(path: Path, rows: list[list[str]]) -> None:
    """The smallest .ods: texts in the cells of one sheet."""
    space = "urn:oasis:names:tc:opendocument:xmlns"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    names = " ".join(f'xmlns:{name}="{space}:{name}:1.0"' for name in ("office", "table", "text"))
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    lines = "".join(
        "<table:table-row>" + "".join(cell.format(escape(text)) for text in row) + "</table:table-row>" for row in rows
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<manifest:manifest xmlns:manifest="{space}:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>',
        )
        archive.writestr(
            "content.xml",
            f'<office:document-content {names}><office:body><office:spreadsheet><table:table table:name="Sheet1">'
            f"{lines}</table:table></office:spreadsheet></office:body></office:document-content>",
        )


def qualtrics_workbook(folder: Path) -> list[Path]:
    """The same as a workbook."""
    table, survey = qualtrics(folder)
    rows = pd.read_csv(table, header=None, dtype=str, keep_default_na=False).to_numpy().tolist()
    return [workbook(folder / "export.xlsx", rows), survey]


def labelled(folder: Path, ending: str) -> list[Path]:
    """SPSS or Stata: labels of variables and values, 9 declared as no answer and used inside a scale of 1 to 5."""
    import pyreadstat

    frame = answers().assign(sex=np.where(gender() == "男", 1, 2), ipaddr=addresses()).astype({"sex": float})
    frame[list(COLUMNS)] = frame[list(COLUMNS)].astype(float)
    frame.loc[[3, 9], ["TR1", "JO1"]] = 9.0
    scale = {place + 1.0: label for place, label in enumerate(WORDS)}
    values = {name: scale | {9.0: "refused"} for name in COLUMNS} | {"sex": {1.0: "male", 2.0: "female"}}
    told: dict[str, Any] = {"column_labels": [*TRUST, *JOY, "Gender", "Address"]}
    path = folder / f"answers{ending}"
    if ending == ".dta":
        whole = {name: {int(value): label for value, label in of.items()} for name, of in values.items()}
        frame = frame.astype(dict.fromkeys((*COLUMNS, "sex"), "int32"))
        pyreadstat.write_dta(frame, str(path), variable_value_labels=whole, **told)
    else:
        missing = {name: [9.0] for name in COLUMNS}
        told |= {"variable_value_labels": values, "missing_ranges": missing}
        pyreadstat.write_sav(frame, str(path), compress=ending == ".zsav", **told)
    return [path]


def r_file(folder: Path, ending: str = ".rds") -> list[Path]:
    """A data frame of R, alone or in a workspace."""
    import rdata

    words = {"sex": pd.Series(gender(), dtype=object), "email": pd.Series(mails(), dtype=object)}
    frame = answers().assign(**words)
    path = folder / f"answers{ending}"
    if ending == ".rds":
        rdata.write_rds(path, frame)
    else:
        rdata.write_rda(path, {"answers": frame})
    return [path]


def form(folder: Path, program: str) -> list[Path]:
    """Tables with the columns that LimeSurvey, REDCap, Google Forms and Kobo add."""
    given = answers()
    if program == "limesurvey":
        heads = [f"TR[SQ00{i}]" for i in range(1, 4)] + [f"JO[SQ00{i}]" for i in range(1, 4)]
        frame = given.set_axis(heads, axis=1)
        frame.insert(0, "id", range(1, N + 1))
        frame.insert(1, "submitdate", "2026-01-02 10:00:00")
        frame.insert(2, "startlanguage", "en")
        frame["ipaddr"], frame["interviewtime"] = addresses(), [100.5 + i for i in range(N)]
    elif program == "redcap":
        frame = given.rename(columns=str.lower)
        frame.insert(0, "record_id", range(1, N + 1))
        frame["redcap_survey_identifier"], frame["survey_complete"] = mails(), 2
    elif program == "kobo":
        frame = given.copy()
        frame.insert(0, "start", "2026-01-02T10:00:00.000+08:00")
        frame["_uuid"] = [f"{i:08x}" for i in range(N)]
        frame["_submission_time"], frame["_id"] = "2026-01-02T10:05:00", range(1000, 1000 + N)
        frame["username"] = mails()
    else:
        heads = [f"How far do you agree? [{text}]" for text in TRUST] + [f"And how far here? [{text}]" for text in JOY]
        frame = given.map(lambda value: WORDS[value - 1]).set_axis(heads, axis=1)
        frame.insert(0, "Timestamp", "1/2/2026 10:00:00")
        frame.insert(1, "Email Address", mails())
    path = folder / f"{program}.csv"
    frame.to_csv(path, index=False, encoding="utf-8-sig")
    return [path]


def log(folder: Path, ending: str) -> list[Path]:
    """Events of thirty users over a year: kinds, products, amounts."""
    draw = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "user_id": draw.integers(100, 130, 900),
            "event_time": pd.Timestamp("2025-01-01")
            + pd.to_timedelta(np.sort(draw.integers(0, 360 * 1440, 900)), unit="min"),
            "event_type": draw.choice(["view", "comment", "purchase"], 900),
            "product_id": draw.integers(1000, 1200, 900),
            "amount": draw.integers(1, 90, 900) / 2,
            "phone_no": [f"1390000{i:04d}" for i in range(900)],
        }
    )
    path = folder / f"events{ending}"
    if ending == ".csv":
        frame.assign(event_time=frame["event_time"].dt.strftime("%Y/%m/%d %H:%M")).to_csv(path, index=False)
    else:
        frame.to_parquet(path)
    return [path]
