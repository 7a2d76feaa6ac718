"""Try labapp on Amazon itself: ten minutes, less than a dollar; prints the table of what was found.

    python -m tests.aws --dry-run                     # what it would make, need and cost
    python -m tests.aws --profile lab --region eu-central-1
    python -m tests.aws --yes --json

It makes buckets and queues whose names begin with labapp-proof- and a random number, tagged with
it, uses them as a lab, and removes them again, also after Ctrl-C. It touches nothing else, and does
not begin where such a name exists. The exit code is 0 only if every fact is as documented.
"""

from __future__ import annotations

import argparse
import json
import re
import secrets
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import boto3

from labapp.addresses import is_amazons
from tests.aws.facts import Found
from tests.aws.proof import ALL_FACTS, COST, MINUTES, Row, actions, prove, verdict
from tests.aws.trial import Names, Trial, names, remove, taken, variables
from tests.clouds.account import Account
from tests.support.steps import TOP, Here

#: Seconds that one program may take: 'cloud up' waits out a minute more than once.
LIMIT = 300

#: What a run is known by.
RUN = re.compile(r"[0-9a-f]{8}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.aws", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--region", help="where (default: the profile's own, else us-east-1)")
    parser.add_argument("--profile", help="a profile in the AWS files")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be made")
    parser.add_argument("--keep", action="store_true", help="leave all there at the end")
    parser.add_argument("--yes", action="store_true", help="begin without asking")
    parser.add_argument("--json", action="store_true", help="write one document")
    parser.add_argument("--id", default=secrets.token_hex(4), help="8 hex digits of the names")
    parser.add_argument(
        "--remove", action="store_true", help="only remove what the run of --id has left"
    )
    found = parser.parse_args()
    if not RUN.fullmatch(found.id):
        parser.error("--id takes 8 hex digits")
    return found


def _said(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _plan(called: Names, region: str) -> None:
    _said(f"in {region}, for about {MINUTES} minutes and less than ${COST:.2f}, it makes")
    for name in (*called.buckets, *called.queues.values(), called.probe):
        _said(f"  {name}")
    _said("  a dead-letter queue for each of the lab's queues, and reply queues of its clients")
    _said(f"and removes them again. It needs: {', '.join(actions())}")


def main() -> int:
    """Run the proof."""
    asked = _arguments()
    session = boto3.Session(profile_name=asked.profile, region_name=asked.region)
    region = session.region_name or "us-east-1"
    session = boto3.Session(profile_name=asked.profile, region_name=region)
    called = names(asked.id)
    if asked.dry_run:
        _plan(called, region)
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="proof-", ignore_cleanup_errors=True) as made:
        folder = Path(made).resolve()
        trial = _trial(called, session, region, asked.profile, folder)
        if asked.remove:
            return 1 if remove(trial) else 0
        who = trial.account.client("sts").get_caller_identity()
        _plan(called, region)
        if there := taken(trial):
            _said(f"these exist already, so nothing is begun: {', '.join(there)}")
            return 1
        if not (asked.yes or _agreed(who["Account"])):
            _said("nothing was made")
            return 1
        return _run(trial, who["Account"], keep=asked.keep, as_json=asked.json)


def _agreed(account: str) -> bool:
    if not sys.stdin.isatty():
        return False
    print(f"Begin in the account {account}? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _trial(
    called: Names, session: boto3.Session, region: str, profile: str | None, folder: Path
) -> Trial:
    heard = variables(called, region, profile, folder)
    own = {"LABAPP_DATA_DIR": str(folder / "data"), "LABAPP_CONFIG_DIR": str(folder / "config")}

    def program(words: Sequence[str]) -> tuple[int, str, str]:
        ended = Here().run(words, {**heard, **own}, TOP, LIMIT)
        out, err = (part.decode("utf-8", "replace") for part in (ended.stdout, ended.stderr))
        return ended.returncode, out, err

    return Trial(called, Account({}, session), region, program, folder, heard, tell=_said)


def _run(trial: Trial, account: str, *, keep: bool, as_json: bool) -> int:
    """Look at every fact, remove all, print the table."""
    rows: list[Row] = []
    left: list[str] = []
    try:
        for row in prove(trial):
            rows.append(row)
            _said(f"{row.fact.name}: {row.found.words}")
    finally:
        # A second Ctrl-C would leave behind what costs.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if keep:
            _said(f"kept: python -m tests.aws --id {trial.names.id} --remove removes it")
        else:
            left = remove(trial)
        _print(rows, account, trial, as_json=as_json)
        if left:
            _said(f"left: {', '.join(left)}; python -m tests.aws --id {trial.names.id} --remove")
    return 0 if len(rows) == len(ALL_FACTS) and all(r.found.holds for r in rows) and not left else 1


def _print(rows: Sequence[Row], account: str, trial: Trial, *, as_json: bool) -> None:
    if as_json:
        told = [
            {
                "fact": row.fact.name,
                "expected": row.fact.expected,
                "found": row.found.words,
                "holds": row.found.holds,
                "source": row.fact.source,
            }
            for row in rows
        ]
        document = {"region": trial.region, "run": trial.names.id, "facts": told}
        print(json.dumps(document, indent=2))
        return
    print("| fact | expected | found | verdict |\n| --- | --- | --- | --- |")
    for row in rows:
        print(f"| {row.fact.name} | {row.fact.expected} | {_cell(row.found)} | {verdict(row)} |")
    endpoint = trial.account.sqs.meta.endpoint_url
    print(f"\nAccount {account[:4]}…, region {trial.region}, SQS at {endpoint}.")
    if not is_amazons(urlsplit(endpoint).hostname or ""):
        print("This is not Amazon's: what is found here says nothing of AWS.")


def _cell(found: Found) -> str:
    return " ".join(found.words.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
