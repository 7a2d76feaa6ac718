"""`admin.py logs --follow`: the newest logs, and then new ones as they come, until Ctrl-C."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING

from labapp.errors import UnreachableError
from labapp.jobs.log_following import Follower
from labapp.programs.logs.table import LOGS
from labapp.programs.shell import exits, output
from labapp.programs.shell.streaming import Stream
from labapp.waits import delay

if TYPE_CHECKING:
    from labapp.cloud.bucket import Bucket
    from labapp.jobs.log_wanted import Wanted
    from labapp.programs.shell.context import Context

#: Seconds before a cloud that cannot be reached is asked again, at first and at most.
FIRST, MOST = 1.0, 20.0

#: Seconds of one wait: Windows tells of Ctrl-C between two only.
HEAR = 0.5


def follow(context: Context, bucket: Bucket, wanted: Wanted, count: int) -> int:
    """Write the last `count` logs that are wanted, oldest first, and then new ones as they come.

    An outage is told once and waited out.

    Returns:
        The exit code: that of the signal that ended it; 0 where its reader is gone.

    Raises:
        CloudError: the bucket cannot be read, and no waiting mends that.
    """
    stop, told = threading.Event(), set[str]()

    def say_once(text: str) -> None:
        if text not in told:
            told.add(text)
            context.say(text)

    follower = Follower(bucket, wanted, say_once)
    stream = Stream(context, LOGS)
    received = exits.on_signals(lambda _: stop.set(), signal.SIGINT)
    context.say("following the logs: Ctrl-C ends it")
    begun, attempt = False, 0
    while not (stop.is_set() or output.is_left()):
        try:
            if not begun:
                stream.write(follower.begin(count))
                begun = True
            for log in follower.next():
                stream.write([log])
            attempt = 0
            stop.wait(min(follower.pause, HEAR))
        except UnreachableError as error:
            attempt += 1
            if attempt == 1:
                context.say(f"{error} It is asked again until it answers.")
            until = time.monotonic() + delay(attempt, FIRST, MOST)
            while (left := until - time.monotonic()) > 0 and not stop.wait(min(left, HEAR)):
                pass
    return 128 + received[0] if received else 0
