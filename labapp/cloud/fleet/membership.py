"""What an instance tells the Auto Scaling group that it is of: that it is out, or unwell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from labapp.cloud.aws_errors import translated
from labapp.cloud.session import Cloud

#: The life cycle hook that holds an instance until its worker is out, of `fleet.yaml`.
HOOK = "drain"


@dataclass(frozen=True)
class Membership:
    """One instance's place in its group.

    Every method raises CloudError where the group cannot be told.

    Attributes:
        open: gives the cloud, each time: it may not have been there before.
        group: the group's name.
        hook: the life cycle hook's.
    """

    open: Callable[[], Cloud]
    group: str
    hook: str = HOOK

    def stay(self, instance: str) -> None:
        """Say that it needs more time before it may be ended."""
        with translated(f"tell {self.group} that {instance} is still at work"):
            self.open().client("autoscaling").record_lifecycle_action_heartbeat(
                AutoScalingGroupName=self.group, LifecycleHookName=self.hook, InstanceId=instance
            )

    def leave(self, instance: str) -> None:
        """Say that it may be ended now."""
        with translated(f"tell {self.group} that {instance} may go"):
            self.open().client("autoscaling").complete_lifecycle_action(
                AutoScalingGroupName=self.group,
                LifecycleHookName=self.hook,
                InstanceId=instance,
                LifecycleActionResult="CONTINUE",
            )

    def declare_unhealthy(self, instance: str) -> None:
        """Have it replaced by another one."""
        with translated(f"tell {self.group} that {instance} is unhealthy"):
            self.open().client("autoscaling").set_instance_health(
                InstanceId=instance, HealthStatus="Unhealthy"
            )
