"""Files that somebody has open for a moment, as Windows tells of them."""

from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

#: What Windows says: ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION.
IN_USE = PermissionError(errno.EACCES, "The process cannot access the file")


def refusing(act: Callable[..., Any], error: OSError, times: float) -> Callable[..., Any]:
    """Return `act`, which is refused so many times first."""
    left = [times]

    def refused(*arguments: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] >= 0:
            raise error
        return act(*arguments, **named)

    return refused
