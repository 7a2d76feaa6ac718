"""What an instance is handed at its first start, as CloudFormation makes it of the template."""

from __future__ import annotations

import re
from collections.abc import Mapping

from labapp.cloud.fleet.artifact import Artifact
from labapp.settings import Settings
from tests.cloud.fleet.template_document import Document

#: The stack, its region and its bucket, as the lane has them.
STACK, REGION, BUCKET = "labapp", "us-east-1", "lane-bucket"

_REFERENCE = re.compile(r"\$\{(!?)([^}]*)\}")


def parameters(artifact: Artifact, wheels: str = "", settings: str = "") -> dict[str, str]:
    """Return what the template's references stand for, with a worker's further settings."""
    usual = Settings()
    return {
        "AWS::StackName": STACK,
        "AWS::Region": REGION,
        "Lab": "labapp",
        "BucketName": BUCKET,
        "RequestQueue": usual.request_queue,
        "ResponseQueue": usual.response_queue,
        "ImageInbox": usual.image_inbox,
        "ImageOutbox": usual.image_outbox,
        "CodeKey": artifact.key,
        "CodeSha256": artifact.sha256,
        "WheelsKey": wheels,
        "WorkerSettings": settings,
    }


def rendered(values: Mapping[str, str]) -> str:
    """Return the script of an instance (Fn::Sub: `${!x}` is the shell's own `${x}`)."""
    launched = Document.of_the_lab().properties("WorkerTemplate")["LaunchTemplateData"]
    text: str = launched["UserData"]["Fn::Base64"]["Fn::Sub"]
    return _REFERENCE.sub(lambda one: f"${{{one[2]}}}" if one[1] else values[one[2]], text)
