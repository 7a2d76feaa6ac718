"""Arguments that several commands have."""

from __future__ import annotations

import argparse


def timeout_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--timeout`, for commands that wait."""
    parser.add_argument(
        "--timeout",
        dest="setting_timeout",
        metavar="SECONDS",
        default=argparse.SUPPRESS,
        help="how long to wait for the answer; the job goes on without us (default: 60)",
    )


def json_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--json`, for commands with a result."""
    parser.add_argument("--json", action="store_true", help="write one JSON document")


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


def limit_argument(
    parser: argparse.ArgumentParser, default: int, what: str = "how many to show, the newest first"
) -> None:
    """Add `-n`, for listings that may be long; `Context.limit` gives it."""
    parser.add_argument(
        *("-n", "--limit"),
        dest="limit",
        type=int,
        default=default,
        metavar="N",
        help=f"{what} (default: {default:,})",
    )


def yes_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--yes` and `--dry-run`, for commands that destroy something."""
    parser.add_argument("--yes", action="store_true", help="do not ask")
    dry_argument(parser)


def dry_argument(parser: argparse.ArgumentParser) -> None:
    """Add `--dry-run`, for commands that change something."""
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")
