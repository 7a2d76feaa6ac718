"""What one may not see of a fleet, or what is not there to be seen, is left out of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from labapp.errors import CloudError, CredentialsError, ForbiddenError, UnreachableError

T = TypeVar("T")


def unless_unseen(look: Callable[[], T], else_: T) -> T:
    """Return what a look finds, and something else where it is not for these eyes.

    Raises:
        CredentialsError: nothing can be seen any more.
        UnreachableError: the network is away, or AWS too busy.
    """
    try:
        return look()
    except CloudError as error:
        if isinstance(error, UnreachableError):
            raise
        if isinstance(error, CredentialsError) and not isinstance(error, ForbiddenError):
            raise
        return else_
