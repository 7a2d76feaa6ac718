"""Arguments that several commands have."""

from __future__ import annotations

import argparse


def json_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--json`, for commands with a result."""
    parser.add_argument("--json", action="store_true", help="write one JSON document")


def waiting_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--json` and `--timeout`, for commands that wait for an answer."""
    json_argument(parser)
    parser.add_argument(
        "--timeout",
        dest="setting_timeout",
        metavar="SECONDS",
        default=argparse.SUPPRESS,
        help="how long to wait for the answer; the job goes on without us (default: 60)",
    )


def folder_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--recursive` and `--results`, for commands that take folders of pictures."""
    parser.add_argument(
        *("-r", "--recursive"),
        action="store_true",
        help="take the pictures of folders in folders, too",
    )
    parser.add_argument(
        "--results", action="store_true", help="take what labapp saved in the folders, too"
    )


def newest_arguments(
    parser: argparse.ArgumentParser, default: int, what: str = "how many to show, the newest first"
) -> None:
    """Add `-n` and `--json`, for listings that may be long; `Context.limit` gives the number."""
    parser.add_argument(
        *("-n", "--limit"),
        dest="limit",
        type=int,
        default=default,
        metavar="N",
        help=f"{what} (default: {default:,})",
    )
    json_argument(parser)


def changing_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--json` and `--dry-run`, for commands that change something."""
    json_argument(parser)
    _dry_argument(parser)


def deleting_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `--json`, `--yes` and `--dry-run`, for commands that destroy something."""
    json_argument(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    _dry_argument(parser)


def _dry_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
