"""The steps that a worker takes with each job, in their order: their names, said once.

A name says what has happened. Whoever shows a job on its way, stands at it or traces it uses these.
"""

from __future__ import annotations

from typing import Literal, get_args

Step = Literal["received", "validated", "done", "stored", "answered", "lease stopped", "deleted"]

#: The message is this worker's for its visibility timeout; nothing was looked at.
RECEIVED: Step = "received"

#: What it asks is understood, and breaks no rule that can be told before it is done.
VALIDATED: Step = "validated"

#: The work is done, or refused; what came of it is in the worker's memory alone.
DONE: Step = "done"

#: The result and the log of the job are in S3.
STORED: Step = "stored"

#: The answer is in the client's queue; where nobody can be answered, the message is put aside.
ANSWERED: Step = "answered"

#: The visibility timeout is extended no more.
LEASE_STOPPED: Step = "lease stopped"

#: The message is gone from its queue.
DELETED: Step = "deleted"

#: All of them. A job that is refused is never validated; one that comes again may leave out more.
STEPS: tuple[Step, ...] = get_args(Step)
