"""botocore's errors by their names, without botocore: it is imported when one is looked at.

To import botocore takes longer than a whole command that needs none of it. Python looks at what an
`except` names once something is raised, so `except boto.ClientError` costs nothing before that.
Take the names from this module, as `boto.ClientError`: to import one of them imports botocore.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boto3.exceptions import S3UploadFailedError as S3UploadFailedError
    from botocore.exceptions import BotoCoreError as BotoCoreError
    from botocore.exceptions import ClientError as ClientError
    from botocore.exceptions import ConfigNotFound as ConfigNotFound
    from botocore.exceptions import ConfigParseError as ConfigParseError
    from botocore.exceptions import ConnectionClosedError as ConnectionClosedError
    from botocore.exceptions import ConnectionError as ConnectionError
    from botocore.exceptions import CredentialRetrievalError as CredentialRetrievalError
    from botocore.exceptions import HTTPClientError as HTTPClientError
    from botocore.exceptions import IncompleteReadError as IncompleteReadError
    from botocore.exceptions import InvalidConfigError as InvalidConfigError
    from botocore.exceptions import InvalidRegionError as InvalidRegionError
    from botocore.exceptions import LoginError as LoginError
    from botocore.exceptions import MetadataRetrievalError as MetadataRetrievalError
    from botocore.exceptions import NoAuthTokenError as NoAuthTokenError
    from botocore.exceptions import NoCredentialsError as NoCredentialsError
    from botocore.exceptions import PartialCredentialsError as PartialCredentialsError
    from botocore.exceptions import ProfileNotFound as ProfileNotFound
    from botocore.exceptions import ProxyConnectionError as ProxyConnectionError
    from botocore.exceptions import RefreshWithMFAUnsupportedError as RefreshWithMFAUnsupportedError
    from botocore.exceptions import SSLError as SSLError
    from botocore.exceptions import SSOError as SSOError
    from botocore.exceptions import TokenRetrievalError as TokenRetrievalError
    from botocore.exceptions import UnknownCredentialError as UnknownCredentialError
    from botocore.parsers import ResponseParserError as ResponseParserError
    from urllib3.exceptions import HTTPError as HTTPError

else:
    #: What botocore and boto3 raise that is no error of `botocore.exceptions`.
    _ELSEWHERE = {
        "HTTPError": "urllib3.exceptions",
        "ResponseParserError": "botocore.parsers",
        "S3UploadFailedError": "boto3.exceptions",
    }

    def __getattr__(name: str) -> Any:
        if name.startswith("__"):  # Python looks for some of its own
            raise AttributeError(name)
        return getattr(import_module(_ELSEWHERE.get(name, "botocore.exceptions")), name)
