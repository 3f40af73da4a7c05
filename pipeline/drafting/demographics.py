"""Questions about the person and not about what the person thinks."""

from __future__ import annotations

import re

KINDS = {
    "gender": r"gender|(^|[^a-z])sex($|[^a-z])|性别",
    "birth": r"birth.?year|year of birth|yob|出生年",
    "age": r"(^|[^a-z])age($|[^a-z])|how old|年龄|age.?(band|group)",
    "education": r"educat|degree|schooling|学历|教育程度|文化程度",
    "income": r"income|salary|earning|收入|工资|生活费|可支配",
    "job": r"occupation|(^|[^a-z])job($|[^a-z])|profession($|[^a-z])|employment|职业|您的(身份|工作)|从事.{0,6}工作",
    "marital": r"marital|married|婚姻",
    "country": r"(^|[^a-z])country|nationality|国家|国籍",
    "region": r"(^|[^a-z])(city|region|province|state|area)($|[^a-z])|所在(地|城市|地区|省)|居住地|城市$|省份",
    "language": r"language|母语|作答语言",
    "platform": r"which .*(platform|app)|^\W*(\w+\W+)?platform\W*$|最?(经常|常)(使)?用的.{0,8}平台|哪[个些]平台",
}
_FORMS = {kind: re.compile(form, flags=re.IGNORECASE) for kind, form in KINDS.items()}
# Longer wordings mention such words without asking for them.
SHORT = 40


def kind(name: str, wording: str) -> str:
    """What is asked about the person, or nothing."""
    for text in (name, wording):
        if text and len(text) <= SHORT:
            for each, form in _FORMS.items():
                if form.search(text):
                    return each
    return ""
