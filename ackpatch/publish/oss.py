"""An object in OSS, through the vendor's SDK (extra ``ackpatch[oss]``): V4 signatures, and its CRC64 check on."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

from ackpatch.errors import AckpatchError, UsageError
from ackpatch.publish.address import LONGEST
from ackpatch.publish.limit import within
from ackpatch.publish.place import Access, Stored

SECONDS = 20
WHOLE = 120  # seconds for a whole call, the tries of the SDK included
TRIES = 3
# OSS refuses a longer life of a signed address.
LONGEST_LIFE = timedelta(days=7)
_NOT_THERE = ("NoSuchKey",)
_EXISTS = "FileAlreadyExists"
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Oss:
    """An object. ``internal`` gives its address inside the region's VPC; ``endpoint`` is where the upload goes."""

    bucket: str
    key: str
    region: str
    endpoint: str = ""
    internal: bool = False
    public: bool = False
    _client: list[Any] = field(default_factory=list)

    @property
    def access(self) -> Access:
        """Who may read the object, as far as its own rights go."""
        return Access.EVERYBODY if self.public else Access.OWNER

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"oss://{self.bucket}/{self.key}"

    @property
    def address(self) -> str:
        """What the agent would fetch: the object's address in its region, in the VPC or in the open."""
        if self.endpoint and not self.internal:
            parts = urlsplit(self.endpoint)
            host = parts.hostname or ""
            # A host that is a number has no sub-domains.
            where = (
                f"{parts.netloc}/{self.bucket}" if host.replace(".", "").isdigit() else f"{self.bucket}.{parts.netloc}"
            )
            return f"{parts.scheme}://{where}/{quote(self.key)}"
        inside = "-internal" if self.internal else ""
        return f"https://{self.bucket}.oss-{self.region}{inside}.aliyuncs.com/{quote(self.key)}"

    def current(self) -> Stored | None:
        """What lies there now; an answer that breaks off is asked for again, which the SDK leaves to its caller."""
        for _ in range(TRIES - 1):
            try:
                return self._current()
            except OssError as error:
                if error.code:
                    raise
        return self._current()

    def _current(self) -> Stored | None:
        sdk, client = self._open()
        try:
            answer = self._call(lambda: client.get_object(sdk.GetObjectRequest(bucket=self.bucket, key=self.key)))
        except OssError as error:
            if error.code in _NOT_THERE:
                return None
            raise
        return Stored(self._call(answer.body.read), (answer.etag or "").strip('"'))

    def put(self, script: bytes, before: Stored | None) -> None:
        """Write the object, readable by its owner only unless it is to be public."""
        sdk, client = self._open()
        request = sdk.PutObjectRequest(
            bucket=self.bucket,
            key=self.key,
            body=script,
            content_type="text/x-shellscript",
            acl="public-read" if self.public else "private",
            forbid_overwrite=before is None,
        )
        try:
            self._call(lambda: client.put_object(request))
        except OssError as error:
            # The SDK sends again what broke off: its first try may be what is there already.
            now = self.current() if error.code == _EXISTS else None
            if now is None or now.content != script:
                raise

    def presigned(self, life: timedelta) -> str:
        """A signed address that anybody can read the object by for a while; raises UsageError."""
        if not timedelta(0) < life <= LONGEST_LIFE:
            raise UsageError(f"a signed address lives {LONGEST_LIFE.days} days at the most")
        sdk, client = self._open()
        request = sdk.GetObjectRequest(bucket=self.bucket, key=self.key)
        url: str = self._call(lambda: client.presign(request, expires=life)).url
        if len(url) > LONGEST:
            raise UsageError(
                f"the signed address has {len(url)} characters, and the agent takes {LONGEST}: temporary credentials "
                "make it that long; use an access key, or better a private bucket whose policy lets your VPC read"
            )
        return url

    def _open(self) -> tuple[Any, Any]:
        try:
            import alibabacloud_oss_v2 as sdk
        except ImportError as error:
            raise AckpatchError("upload to OSS needs the vendor's SDK: pip install 'ackpatch[oss]'") from error
        if not self._client:
            config = sdk.config.load_default()
            config.credentials_provider = _credentials(sdk)
            config.region = self.region
            config.endpoint = self.endpoint or None
            config.connect_timeout = config.readwrite_timeout = SECONDS
            self._client.append(sdk.Client(config))
        return sdk, self._client[0]

    def _call(self, call: Callable[[], Answer]) -> Answer:
        """Make a call of the SDK and turn its errors into one clear line."""
        try:
            return within(WHOLE, call)
        except AckpatchError:
            raise
        except Exception as error:
            raise self._error(error) from error

    def _error(self, error: BaseException) -> OssError:
        inner = error
        while callable(unwrap := getattr(inner, "unwrap", None)) and isinstance(unwrap(), BaseException):
            inner = unwrap()
        code = str(getattr(inner, "code", "") or "")
        message = str(getattr(inner, "message", "") or inner).strip().splitlines() or [type(inner).__name__]
        hint = _HINTS.get(code, "")
        return OssError(f"{self.name}: {f'{code}: ' if code else ''}{message[0]}{f'; {hint}' if hint else ''}", code)


class OssError(AckpatchError):
    """OSS refused; ``code`` is its own word for the reason, or empty."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


_HINTS = {
    "AccessDenied": "the credentials may not do this, or a policy of the bucket forbids it",
    "FileAlreadyExists": "another content is there now, somebody else's or a broken-off try; --force replaces it",
    "NoSuchBucket": "look at the bucket's name and --region",
    "RequestTimeTooSkewed": "this machine's clock is wrong",
    "SignatureDoesNotMatch": "look at the access key's secret and --region",
    "InvalidAccessKeyId": "there is no such access key",
}


def _credentials(sdk: Any) -> Any:  # noqa: ANN401 - the SDK has no types
    """The SDK's own credentials from the environment, else those of the vendor's chain: profile, ECS role."""
    if os.environ.get("OSS_ACCESS_KEY_ID"):
        return sdk.credentials.EnvironmentVariableCredentialsProvider()
    from alibabacloud_credentials.client import Client

    chain = Client()

    def ask() -> Any:  # noqa: ANN401
        try:
            found = chain.get_credential()
        except Exception as error:
            raise AckpatchError(
                "no credentials for OSS: set OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET, or a profile, or an ECS role"
            ) from error
        return sdk.credentials.Credentials(found.access_key_id, found.access_key_secret, found.security_token)

    return sdk.credentials.CredentialsProviderFunc(ask)


def oss_at(text: str, region: str, endpoint: str, internal: bool, public: bool) -> Oss:
    """The object of ``oss://bucket/key``; raises UsageError."""
    # Every character may stand in a key, also those that end a path in other addresses.
    bucket, _, key = text.removeprefix("oss://").partition("/")
    if not bucket or not key or key.endswith("/"):
        raise UsageError(f"{text}: give oss://BUCKET/PATH/NAME")
    if not region:
        raise UsageError("an upload to OSS needs --region, as in --region cn-hangzhou")
    if endpoint and not endpoint.startswith(("http://", "https://")):
        endpoint = f"https://{endpoint}"
    return Oss(bucket, key, region, endpoint, internal, public)
