"""The fleet's template less what MiniStack has not: alarms on what several metrics say together."""

from __future__ import annotations

import re

_ALARM = re.compile(
    r"^  (\w+):\n    Type: AWS::CloudWatch::Alarm\n(?:^    .*\n|^\n)*", re.MULTILINE
)


def without_metric_math(body: str) -> tuple[str, list[str]]:
    """Return a template without such alarms, and their names."""
    left_out = [found[1] for found in _ALARM.finditer(body) if "      Metrics:\n" in found[0]]
    kept = _ALARM.sub(lambda found: "" if found[1] in left_out else found[0], body)
    return kept, left_out
