"""Size limits of objects that are read whole, as anybody who may put one decides its size.

A listing tells sizes before anything is fetched. What is larger than its kind can be is left where
it is, and told; and since an object may grow between listing and reading, `Bucket.get` takes the
same bounds. Pictures that are sent to be processed are held to the settings (`max_source_mb`).
"""

from __future__ import annotations

#: Bytes of a worker's report. Ours have 1,000, and some 100 for each queue.
REPORT = 50_000

#: Workers' reports that one look reads: the newest by when S3 took them, which nobody can make up.
#: More than a class has, and read in a second or two.
REPORTS = 200

#: Bytes of the log of one job: a request, its steps and an answer that may repeat both, each quoted
#: to 2,000 characters of up to ten bytes; and ten attributes, each value quoted to 200.
LOG = 100_000

#: Bytes of the logs of several jobs in one object: ten of them, each as large as one may be.
LOGS = 1_000_000

#: Bytes of a picture's label file: some 14,000 answers of 70 bytes each to one picture, where a lab
#: wants ten. It is parsed in a fraction of a second, and takes some megabytes of memory.
LABELS = 1_000_000

#: Bytes of what an admin has decided of a dataset: classes with guidelines, or a thousand names.
DECISIONS = 200_000

#: Bytes of a dataset's gold pictures: 5,000 of them with keys of 200.
GOLD = 1_000_000

#: Bytes of what a model predicts of a dataset: of a million pictures, 80 each.
PREDICTIONS = 100_000_000

#: Bytes of a picture to be labelled or exported: far more than `max_source_mb` lets in unless set,
#: since who uploaded it may have set it.
PICTURE = 500_000_000

#: Bytes of anything else that is read into memory: an object of S3 may have 5 TB.
ANYTHING = 100_000_000

#: Keys that one look lists of a prefix where only the newest are wanted: a hundred requests.
LISTED = 100_000

#: Keys that are listed of the dataset's pictures, and of its label files: ten times what statistics
#: are made for; they take some 400 MB.
DATASET = 1_000_000
