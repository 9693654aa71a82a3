"""``ackpatch upload`` to a web server that takes PUT, and to a folder."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

import ackpatch
from ackpatch.errors import AckpatchError, UsageError
from ackpatch.publish import web
from ackpatch.publish.folder import folder_at
from ackpatch.publish.place import upload
from ackpatch.publish.places import Where, place_of
from ackpatch.publish.web import Web, fetch, shown
from tests.commands import run
from tests.publish.web_server import Server

PATCHED = ackpatch.patch(
    "#!/bin/bash\nsystemctl restart kubelet\nkubeadm join a:1 --token abcdef.0123456789abcdef\n"
).patched


@pytest.fixture
def address(server: Server) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/join.sh"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "join.sh"
    path.write_text(PATCHED)
    return path


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "SECONDS", 0.3)
    monkeypatch.setattr(web, "PAUSE", 0.01)


def test_put_read_back_and_fetched_as_the_agent_does(server: Server, address: str, script: Path) -> None:
    done = run("upload", script, address)
    assert done.returncode == 0, done.stderr
    assert server.files == {"/join.sh": script.read_bytes()}
    assert done.stdout.decode() == f"{address}\n"
    assert b"warning: the script holds a join token, and who can read this place is not known here" in done.stderr
    assert b"fetched as the agent does, and the same" in done.stderr
    again = run("upload", script, address)
    assert (again.returncode, b"nothing to do" in again.stderr, server.seen.count("PUT")) == (0, True, 1)


def test_another_content_stays_without_force(server: Server, address: str, script: Path) -> None:
    server.files["/join.sh"] = b"theirs"
    done = run("upload", script, address)
    assert (done.returncode, server.files["/join.sh"]) == (2, b"theirs")
    assert b'another content lies there (ETag "6")' in done.stderr
    assert run("upload", script, address, "--force").returncode == 0
    assert server.files["/join.sh"] == script.read_bytes()


@pytest.mark.parametrize("faults", [["500"], ["", "503"], ["timeout"], ["", "timeout", "500"], ["", "", "500"]])
def test_what_passes_is_tried_again(server: Server, address: str, faults: list[str]) -> None:
    server.faults = list(faults)
    assert upload(Web(address), b"content").changed
    assert server.files == {"/join.sh": b"content"}


def test_a_body_that_ends_early_is_fetched_again(server: Server, address: str) -> None:
    server.files["/join.sh"] = b"content of a script"
    server.faults = ["truncated", "truncated"]
    assert fetch(address) == b"content of a script"
    server.faults = ["truncated"] * 3
    with pytest.raises(AckpatchError, match="cannot be reached"):
        fetch(address)


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        (["403"], "answers 403 when asked"),
        (["", "403"], "not written: the server answers 403 to PUT"),
        (["", "405"], "answers 405 to PUT"),
        (["500"] * 3, "the server answers 500 (3 tries)"),
        (["timeout"] * 3, "cannot be reached: timed out (3 tries)"),
    ],
)
def test_what_does_not_pass_is_one_clear_line(server: Server, address: str, faults: list[str], message: str) -> None:
    server.faults = list(faults)
    with pytest.raises(AckpatchError) as caught:
        upload(Web(address), b"content")
    assert message in str(caught.value)
    assert server.files == {}


def test_a_server_that_never_ends_its_answer(server: Server, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "WHOLE", 0.5)
    monkeypatch.setattr(web, "TRIES", 1)
    server.faults = ["slowly"]
    with pytest.raises(AckpatchError, match=r"no whole answer within 0\.5 seconds"):
        fetch(address)


def test_only_web_addresses_are_followed_to(server: Server, address: str) -> None:
    for elsewhere in ("ftp://127.0.0.1/x", "file:///etc/passwd"):
        server.faults = [f"to {elsewhere}"]
        with pytest.raises(AckpatchError, match=r"which is no web address|answers 302"):
            fetch(address)
    server.files["/other.sh"] = b"content"
    server.faults = [f"to {address.replace('join', 'other')}"]
    assert fetch(address) == b"content"


def test_what_a_server_says_is_shown_and_not_sent(server: Server, address: str, script: Path) -> None:
    server.faults = ["garbage"] * 9
    done = run("upload", script, address)
    assert done.returncode == 2
    assert b"cannot be reached" in done.stderr
    for line in done.stderr.split(b"\n"):
        assert not (b"\x1b" in line or b"\r" in line or line.startswith(b"::")), line


def test_somebody_who_was_faster_is_not_overwritten(server: Server, address: str) -> None:
    place = Web(address)
    before = place.current()
    server.files["/join.sh"] = b"theirs"
    with pytest.raises(AckpatchError, match="somebody else was faster"):
        place.put(b"ours", before)
    before = place.current()
    server.files["/join.sh"] = b"theirs again"
    with pytest.raises(AckpatchError, match="somebody else was faster"):
        place.put(b"ours", before)
    assert server.files["/join.sh"] == b"theirs again"


def test_an_answer_that_got_lost_is_no_failure(server: Server, address: str) -> None:
    server.faults = ["", "lost answer"]
    assert upload(Web(address), b"content").changed
    assert (server.files, server.seen.count("PUT")) == ({"/join.sh": b"content"}, 2)


def test_a_weak_tag_is_no_condition(server: Server, address: str) -> None:
    server.files["/join.sh"] = b"old"
    server.weak = True
    assert upload(Web(address), b"new", force=True).changed


def test_no_server() -> None:
    with pytest.raises(AckpatchError, match="cannot be reached"):
        fetch("http://127.0.0.1:9/x")


def test_a_password_is_never_shown() -> None:
    assert shown("https://user:secret@a.b/c?sig=x") == "https://a.b/c?…"


def test_a_folder_gets_the_file_in_one_step(tmp_path: Path, script: Path) -> None:
    target = tmp_path / "www" / "join.sh"
    target.parent.mkdir()
    done = run("upload", script, f"file://{target}")
    assert done.returncode == 0, done.stderr
    assert target.read_bytes() == script.read_bytes()
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
    assert b"the address is not known; give it with --address" in done.stderr
    target.write_text("theirs")
    assert run("upload", script, target).returncode == 2
    assert target.read_text() == "theirs"
    inode = target.stat().st_ino
    assert run("upload", script, target, "--force").returncode == 0
    assert (target.read_bytes(), target.stat().st_ino != inode) == (script.read_bytes(), True)
    assert os.listdir(target.parent) == ["join.sh"]


def test_a_folder_with_an_address_is_fetched_there(server: Server, address: str, script: Path, tmp_path: Path) -> None:
    server.files["/join.sh"] = script.read_bytes()
    assert run("upload", script, tmp_path / "x.sh", "--address", address).stdout.decode() == f"{address}\n"
    server.files["/join.sh"] = b"stale"
    done = run("upload", script, tmp_path / "y.sh", "--address", address)
    assert (done.returncode, b"gives another content" in done.stderr) == (2, True)
    assert run("upload", script, tmp_path / "y.sh", "--address", address, "--no-verify").returncode == 0


@pytest.mark.parametrize(
    ("where", "message"),
    [
        (Where("ftp://a/b"), "give oss://, https://, file:// or a path"),
        (Where("file://host/b"), "file:///absolute/path"),
        (Where("/tmp"), "is a folder"),
        (Where("/tmp/"), "is a folder"),
        (Where("https://a/b", public=True), "are for oss://"),
        (Where("/tmp/x", region="cn-hangzhou"), "are for oss://"),
        (Where("https://"), "names no host"),
        (Where("https://user:S3cretPw@a/b"), "a name or a password"),
        (Where("https://a/b#c"), "has a fragment"),
        (Where("/tmp/x", address="nowhere"), "http:// or https://"),
    ],
)
def test_destinations_that_are_none(where: Where, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        place_of(where)


def test_what_cannot_be_written_is_one_clear_line(script: Path, tmp_path: Path) -> None:
    done = run("upload", script, tmp_path / "no" / "x.sh")
    assert (done.returncode, b"no such file or directory" in done.stderr) == (2, True)
    assert folder_at("/a/b", "").current() is None
    done = run("upload", tmp_path / "missing.sh", tmp_path / "x.sh")
    assert (done.returncode, b"missing.sh: no such file" in done.stderr) == (2, True)
    done = run("upload", script, tmp_path / "x.sh", "--presign", "1")
    assert (done.returncode, b"--presign is for oss://" in done.stderr) == (2, True)


def test_a_server_that_drips_is_asked_once(server: Server, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "WHOLE", 0.5)
    monkeypatch.setattr(web, "SECONDS", 5)
    server.files["/join.sh"] = b"x" * 100
    server.faults = ["slowly"] * 3
    with pytest.raises(AckpatchError, match=r"no whole answer within 0\.5 seconds"):
        fetch(address)
    assert server.seen == ["GET"]


@pytest.mark.parametrize("text", ["user:hunter2@host/x", "http:/user:hunter2@h", "http//user:hunter2@h/x"])
def test_a_password_in_a_mistyped_address_is_not_repeated(script: Path, text: str) -> None:
    for words in (("upload", script, text), ("publish", script, text, "--yes")):
        done = run(*words)
        assert done.returncode == 2
        assert b"this is no address: begin it with https://" in done.stderr
        assert b"hunter2" not in done.stdout + done.stderr


def test_a_pipe_is_no_place(script: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    done = run("upload", script, tmp_path / "pipe", "--no-check", "--force")
    assert (done.returncode, b"only ordinary files are written" in done.stderr) == (2, True)
