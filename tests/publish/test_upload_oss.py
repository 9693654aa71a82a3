"""``ackpatch upload`` to OSS with the vendor's SDK, against a server that checks signatures independently of it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import ackpatch
from ackpatch.errors import AckpatchError, UsageError
from ackpatch.publish import oss
from ackpatch.publish.oss import Oss, oss_at
from ackpatch.publish.place import upload
from tests.commands import run
from tests.publish.oss_server import KEY_ID, REGION, SECRET, Store, crc64, serving

PLAIN = "#!/bin/bash\nsystemctl restart kubelet\n"
TOKEN = "kubeadm join 10.0.0.1:6443 --token abcdef.0123456789abcdef\n"
OBJECT = "/scripts/pool/join.sh"
DESTINATION = "oss://scripts/pool/join.sh"


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def endpoint(store: Store) -> Iterator[str]:
    with serving(store) as address:
        yield address


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "join.sh"
    path.write_text(ackpatch.patch(PLAIN + TOKEN).patched)
    return path


def send(
    script: Path, endpoint: str, *words: str, secret: str = SECRET, key: str = KEY_ID
) -> subprocess.CompletedProcess[bytes]:
    options = ["--region", REGION, "--endpoint", endpoint, "--no-verify", *words]
    return run("upload", script, DESTINATION, *options, OSS_ACCESS_KEY_ID=key, OSS_ACCESS_KEY_SECRET=secret)


@pytest.fixture
def place(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Oss:
    monkeypatch.setenv("OSS_ACCESS_KEY_ID", KEY_ID)
    monkeypatch.setenv("OSS_ACCESS_KEY_SECRET", SECRET)
    monkeypatch.setattr(oss, "SECONDS", 1)
    return oss_at(DESTINATION, REGION, endpoint, internal=False, public=False)


def test_the_servers_crc_is_that_of_the_standard() -> None:
    assert crc64(b"123456789") == 0x995DC9BBDF1939FA


def test_a_script_is_written_privately_and_read_back(store: Store, endpoint: str, script: Path) -> None:
    done = send(script, endpoint)
    assert done.returncode == 0, done.stderr
    assert store.objects == {OBJECT: (script.read_bytes(), "private")}
    assert done.stdout.decode() == f"{endpoint}{OBJECT}\n"
    assert store.requests == ["GET", "PUT", "GET"]
    assert b"let the bucket's policy give your VPC the right" in done.stderr
    again = send(script, endpoint)
    assert again.returncode == 0
    assert b"nothing to do" in again.stderr
    assert store.requests[3:] == ["GET"]


def test_another_content_is_never_overwritten_without_force(store: Store, endpoint: str, script: Path) -> None:
    store.objects[OBJECT] = (b"another", "private")
    done = send(script, endpoint)
    assert done.returncode == 2
    assert b"another content lies there (ETag B32D73E56EC99BC5EC8F83871CDE708A)" in done.stderr
    assert store.objects[OBJECT][0] == b"another"
    done = send(script, endpoint, "--force")
    assert done.returncode == 0
    assert b"the version before had the ETag B32D73E56EC99BC5EC8F83871CDE708A" in done.stderr
    assert store.objects[OBJECT][0] == script.read_bytes()


def test_a_public_object_with_a_token_is_refused(store: Store, endpoint: str, script: Path) -> None:
    done = send(script, endpoint, "--public")
    assert done.returncode == 2
    assert b"the script holds a join token, with which whoever reads it can join" in done.stderr
    assert store.requests == []
    assert send(script, endpoint, "--public", "--allow-public-token").returncode == 0
    assert store.objects[OBJECT][1] == "public-read"
    script.write_text(ackpatch.patch(PLAIN).patched)
    assert send(script, endpoint, "--public", "--force").returncode == 0


def test_the_agents_way_is_tried(store: Store, endpoint: str, script: Path) -> None:
    words = ["--region", REGION, "--endpoint", endpoint]
    keys = {"OSS_ACCESS_KEY_ID": KEY_ID, "OSS_ACCESS_KEY_SECRET": SECRET}
    done = run("upload", script, DESTINATION, *words, **keys)  # type: ignore[arg-type]
    assert done.returncode == 2
    assert b"written, but the agent could not fetch it" in done.stderr
    assert b"answers 403" in done.stderr
    script.write_text(ackpatch.patch(PLAIN).patched)
    done = run("upload", script, DESTINATION, *words, "--public", "--force", **keys)  # type: ignore[arg-type]
    assert done.returncode == 0, done.stderr
    assert b"fetched as the agent does, and the same" in done.stderr
    done = run("upload", script, DESTINATION, *words, "--internal-url", **keys)  # type: ignore[arg-type]
    assert b"can be reached inside its VPC only" in done.stderr
    assert done.stdout == b"https://scripts.oss-cn-hangzhou-internal.aliyuncs.com/pool/join.sh\n"


def test_only_a_script_that_is_ready_is_sent(store: Store, endpoint: str, script: Path) -> None:
    script.write_text(PLAIN)
    done = send(script, endpoint)
    assert done.returncode == 2
    assert b"ackpatch apply mends that (or --no-check)" in done.stderr
    assert store.requests == []
    assert send(script, endpoint, "--no-check").returncode == 0


@pytest.mark.parametrize(
    "faults", [["500"], ["", "500"], ["", "", "500"], ["timeout"], ["", "timeout"], ["", "", "truncated"]]
)
def test_what_passes_is_tried_again(store: Store, place: Oss, faults: list[str]) -> None:
    store.faults = list(faults)
    done = upload(place, b"content of a script")
    assert done.changed
    assert store.objects[OBJECT] == (b"content of a script", "private")


def test_a_lost_byte_is_found(store: Store, place: Oss) -> None:
    store.faults = ["", *["lost byte"] * 9]
    with pytest.raises(AckpatchError, match="somebody else's or a broken-off try"):
        upload(place, b"content of a script")
    store.faults = ["", "lost byte"]
    assert upload(place, b"content of a script", force=True).changed
    assert store.objects[OBJECT][0] == b"content of a script"


def test_an_answer_that_got_lost_is_no_failure(store: Store, place: Oss) -> None:
    store.faults = ["", "lost answer"]
    assert upload(place, b"content of a script").changed
    assert store.requests.count("PUT") == 2
    assert store.objects[OBJECT][0] == b"content of a script"


def test_a_clock_that_is_wrong_is_told(store: Store, place: Oss) -> None:
    store.offset = timedelta(hours=2)
    with pytest.raises(AckpatchError, match="this machine's clock is wrong"):
        upload(place, b"content")
    assert store.objects == {}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"secret": "wrong"}, "look at the access key's secret and --region"),
        ({"key": "nobody"}, "there is no such access key"),
    ],
)
def test_wrong_credentials_are_one_clear_line(
    store: Store, endpoint: str, script: Path, words: dict[str, str], message: str
) -> None:
    done = send(script, endpoint, **words)
    assert done.returncode == 2
    assert message in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert SECRET.encode() not in done.stderr
    assert store.objects == {}


def test_a_refusal_and_a_missing_bucket(store: Store, endpoint: str, script: Path) -> None:
    store.faults = ["403"] * 9
    done = send(script, endpoint)
    assert (done.returncode, b"AccessDenied: refused on purpose" in done.stderr) == (2, True)
    store.faults, store.buckets = [], set()
    done = send(script, endpoint)
    assert (done.returncode, b"look at the bucket's name" in done.stderr) == (2, True)


def test_somebody_who_was_faster_is_not_overwritten(store: Store, place: Oss) -> None:
    store.objects[OBJECT] = (b"theirs", "private")
    with pytest.raises(AckpatchError, match="another content is there now"):
        place.put(b"ours", None)
    assert store.objects[OBJECT][0] == b"theirs"


def test_signed_addresses(store: Store, endpoint: str, script: Path) -> None:
    keys = {"OSS_ACCESS_KEY_ID": KEY_ID, "OSS_ACCESS_KEY_SECRET": SECRET}
    words = ["--region", REGION, "--endpoint", endpoint, "--presign", "7"]
    done = run("upload", script, DESTINATION, *words, **keys)  # type: ignore[arg-type]
    assert done.returncode == 0, done.stderr
    assert b"fetched as the agent does, and the same" in done.stderr
    assert b"Signature" not in done.stderr
    assert b"breaks scale-out from then on" in done.stderr
    url = done.stdout.decode().strip()
    fetched = subprocess.run(
        ["python3", "-c", "import sys, urllib.request as u; print(len(u.urlopen(sys.argv[1]).read()))", url],
        capture_output=True,
        check=True,
    )
    assert int(fetched.stdout) == len(script.read_bytes())
    store.offset = timedelta(days=7, minutes=1)
    again = subprocess.run(
        ["python3", "-c", "import sys, urllib.request as u; u.urlopen(sys.argv[1])", url],
        capture_output=True,
        check=False,
    )
    assert b"403" in again.stderr
    before = len(store.requests)
    for days in ("8", "-2"):
        assert send(script, endpoint, "--presign", days).returncode == 2
    assert len(store.requests) == before


def test_a_signed_address_that_the_agent_would_not_take_is_refused(place: Oss, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSS_SESSION_TOKEN", "x" * 1000)
    with pytest.raises(UsageError, match="the agent takes 1024"):
        place.presigned(timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "region", "endpoint", "internal", "address"),
    [
        (DESTINATION, REGION, "", False, "https://scripts.oss-cn-hangzhou.aliyuncs.com/pool/join.sh"),
        (DESTINATION, REGION, "", True, "https://scripts.oss-cn-hangzhou-internal.aliyuncs.com/pool/join.sh"),
        ("oss://b/j#1?x.sh", REGION, "", False, "https://b.oss-cn-hangzhou.aliyuncs.com/j%231%3Fx.sh"),
        ("oss://b/a b.sh", REGION, "oss.example.com", False, "https://b.oss.example.com/a%20b.sh"),
    ],
)
def test_addresses(text: str, region: str, endpoint: str, internal: bool, address: str) -> None:
    assert oss_at(text, region, endpoint, internal, False).address == address


@pytest.mark.parametrize(
    ("text", "region"),
    [("oss://b", REGION), ("oss://b/", REGION), ("oss://b/c/", REGION), ("oss:///c", REGION), (DESTINATION, "")],
)
def test_destinations_that_are_none(text: str, region: str) -> None:
    with pytest.raises(UsageError):
        oss_at(text, region, "", False, False)


def test_without_credentials_it_says_which_are_looked_for(endpoint: str, script: Path, tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "OSS_ACCESS_KEY_ID": "", "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"}
    done = run("upload", script, DESTINATION, "--region", REGION, "--endpoint", endpoint, **home)  # type: ignore[arg-type]
    assert done.returncode == 2
    assert b"no credentials for OSS" in done.stderr
