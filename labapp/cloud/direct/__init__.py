"""Requests that labapp signs and sends itself: the direct way to SQS and S3.

A number job is one PUT and three tenths of a call of SQS. botocore's way to each, by rules for
addresses, a serialiser, a dozen events and a parser, costs more than the job, and to import it
costs more than a command. So the calls that are made often go a way of their own, as long as all is
well: plain requests, plain success. Whatever else there is to know of AWS stays botocore's:
`route` says where the way ends, and each call that is not answered well is made again by its
client, in whose words all errors are told.

What could have carried it, by `python -m tests.benchmarks.senders`: one signed PUT of 110 bytes,
microseconds of CPU time by one thread and by eight, and by TLS; milliseconds until the first.

    this                     55    50    75    60
    http.client              94   107   175    20
    awscrt                  213   135   176    50
    urllib3                 252   241   322    50
    botocore's signer       351   351   437   120
    botocore's client       708   714   989   320

All but the last two signed with `signature`, or in C. `awscrt`, which AWS keeps, gives each request
to the thread of an event loop and takes the answer from it, which under Python's lock costs more
than it saves; it brings 12 MB, and has no wheel for Windows on ARM. `http.client` is the next best;
it reads headers with a parser of e-mails. What is kept here for the difference is small and strict:
`answers` reads what RFC 9112 calls a message with a length, and nothing else.
"""
