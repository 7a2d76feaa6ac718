"""The text job: words, lines, and the longest word."""

from __future__ import annotations

import json

from labapp.cloud.bucket import Bucket
from labapp.errors import RefusedError
from labapp.jobs.wire import DONE, Reply, Request
from labapp.settings import Settings
from labapp.worker.handlers import Handler
from tests.support.texts.text_kind import TEXTS


class TextHandler(Handler):
    """Counts the words of as many letters as the attribute `least` says at least."""

    kind = TEXTS
    quick = True
    concurrency = 4

    def __init__(self, _settings: Settings, _bucket: Bucket) -> None:
        pass

    def work(self, request: Request) -> Reply:
        least = int(request.attributes.get("least", "1"))
        words = [word for word in request.body.split() if len(word) >= least]
        if not words:
            raise RefusedError("the text has no word", "Send one that has.")
        found = {
            "words": len(words),
            "lines": len(request.body.splitlines()),
            "longest": max(words, key=len),
        }
        sentence = "{words} words in {lines} lines, the longest is {longest}".format(**found)
        return Reply(sentence, request.job, DONE, json.dumps(found))
