from __future__ import annotations

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.jobs import kinds
from labapp.settings import Settings
from labapp.worker.handlers import NumbersHandler, all_handlers
from labapp.worker.picture_handler import PictureHandler


def test_each_kind_has_the_handler_that_it_names(bare_cloud: Cloud) -> None:
    handlers = all_handlers(Settings(), Bucket(bare_cloud))
    assert [type(handler) for handler in handlers] == [NumbersHandler, PictureHandler]
    assert [handler.kind for handler in handlers] == [*kinds.all_kinds()]
