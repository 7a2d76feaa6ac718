"""The arguments of `deploy`, and what they ask of a fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.cloud.fleet.model import MOST_INSTANCES, TYPES, Wishes
from labapp.programs.shell.arguments import deleting_arguments, json_argument

if TYPE_CHECKING:
    import argparse


def status_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `deploy status` takes."""
    json_argument(parser)
    parser.add_argument(
        "--drift", action="store_true", help="ask AWS what was changed by hand; takes a minute"
    )
    parser.add_argument(
        "--follow", action="store_true", help="while AWS is at it, show events until it is done"
    )


def plan_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `deploy plan` takes."""
    json_argument(parser)
    _wishes_arguments(parser)


def up_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `deploy up` takes."""
    deleting_arguments(parser)
    _wishes_arguments(parser)


def logs_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `deploy logs` takes."""
    json_argument(parser)
    _instance_argument(parser, "whose log (default: the last boot that failed, else the newest)")


def shell_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `deploy shell` takes."""
    json_argument(parser)
    _instance_argument(parser, "on which (default: the newest)")


def down_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `deploy down` takes."""
    deleting_arguments(parser)
    parser.add_argument(
        "--with-data",
        action="store_true",
        help="delete the bucket with all that is in it, and the queues, too",
    )
    parser.add_argument(
        "--bucket-name",
        default="",
        metavar="NAME",
        help="the bucket's name, which --with-data --yes wants",
    )


def _instance_argument(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("instance", nargs="?", default="", metavar="INSTANCE", help=what)


def _wishes_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--min", type=int, metavar="N", help="instances that run at least; 0: none while idle"
    )
    parser.add_argument(
        "--max", type=int, metavar="N", help=f"that run at most, {MOST_INSTANCES} or fewer"
    )
    parser.add_argument("--type", choices=TYPES, metavar="TYPE", help=", ".join(TYPES))
    spot = parser.add_mutually_exclusive_group()
    spot.add_argument(
        "--spot", action="store_true", default=None, help="of spare capacity, ended at short notice"
    )
    spot.add_argument(
        "--no-spot", dest="spot", action="store_false", default=None, help="on demand"
    )
    parser.add_argument("--email", metavar="ADDRESS", help="whom alarms are told; '' for nobody")
    parser.add_argument(
        "--ssh", metavar="CIDR", help="who may reach port 22, a /24 at most; '' for nobody"
    )
    parser.add_argument("--key", metavar="NAME", help="an EC2 key pair, for SSH")
    parser.add_argument(
        "--instance-profile", metavar="NAME", help="one that exists; no roles are made then"
    )
    parser.add_argument("--vpc", metavar="ID", help="the network (default: the default one)")
    parser.add_argument(
        "--subnet", metavar="ID", action="append", help="in it; may be said several times"
    )
    vendor = parser.add_mutually_exclusive_group()
    vendor.add_argument(
        "--vendor",
        action="store_true",
        default=None,
        help="put the packages in the bucket, for networks that reach no PyPI",
    )
    vendor.add_argument(
        "--no-vendor", dest="vendor", action="store_false", default=None, help="from PyPI"
    )


def wishes(arguments: argparse.Namespace) -> Wishes:
    """Return what was asked of a fleet."""
    return Wishes(
        least=arguments.min,
        most=arguments.max,
        type=arguments.type,
        is_spot=arguments.spot,
        email=arguments.email,
        ssh_cidr=arguments.ssh,
        key_name=arguments.key,
        profile=arguments.instance_profile,
        vpc=arguments.vpc,
        subnets=None if arguments.subnet is None else tuple(arguments.subnet),
        is_vendored=arguments.vendor,
    )
