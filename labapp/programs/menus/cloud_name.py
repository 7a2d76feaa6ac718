"""What a header calls the cloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.settings import data_dir

if TYPE_CHECKING:
    from labapp.cloud.endpoints import Endpoints
    from labapp.settings import Settings


def cloud_name(settings: Settings, found: Endpoints) -> str:
    """Return what a header calls the cloud: by its setting, and where it is or who may use it.

    Another address than Amazon's own is told, as it is where everything goes; of the local cloud
    whether it is open to others.
    """
    if settings.cloud != "local":
        return f"{settings.cloud} at {found.where}" if found.where else settings.cloud
    from labapp.cloud.embedded.state import is_shared

    return "local (shared)" if is_shared(data_dir() / "local") else "local"
