"""What runs later from a written file, what has another name, and what was appended: each room by itself."""

from __future__ import annotations

import re

import pytest

import ackpatch
from ackpatch.node.net import not_understood, starts_by_name
from ackpatch.node.renamed import Renamed
from ackpatch.shell import later
from ackpatch.shell.environment import UNKNOWN
from ackpatch.shell.nested import Nested
from ackpatch.shell.own_files import OwnFiles
from ackpatch.shell.render import Rendered
from ackpatch.shell.syntax import parse

KNOWN = re.compile("kubelet")


def rendered(text: str) -> Rendered:
    found = Rendered()
    found.add(text, 0, len(text), "document")
    return found


@pytest.mark.parametrize(
    ("path", "text", "runs"),
    [
        ("/etc/rc.local", "a\nb\n", ["a\nb\n"]),
        ("~/.bashrc", "a\n", ["a\n"]),
        ("/root/.bashrc.d/x", "a\n", []),
        ("/etc/profile", "a\n", ["a\n"]),
        ("/etc/network/if-pre-up.d/x", "a\n", ["a\n"]),
        ("/etc/cron.d/x", "* * * * * root a\n@reboot root b c\n", ["a", "b c"]),
        ("/etc/cron.daily/x", "a\n", ["a\n"]),
        ("/etc/udev/rules.d/9.rules", 'RUN+="/bin/systemctl start x", A="b"\n', ["/bin/systemctl start x"]),
        ("/etc/logrotate.d/x", "postrotate\n  service x restart; b\nendscript\n", ["service x restart"]),
        ("/etc/motd", "systemctl start x\n", []),
        ("/etc/systemd/system/a.service", "[Service]\nExecStart=/b\n", []),
        ("/etc/systemd/system/a.service.d/x.conf", "[Service]\nExecStartPost=-/b c\n", ["/b c"]),
        ("/etc/systemd/system/a.service.d/x.conf", "[Unit]\nWants=b.service c.service\n", ["systemctl start b.service c.service"]),
        ("/etc/systemd/system/kubelet.service.d/x.conf", "[Service]\nExecStart=/b\n", []),
    ],
)  # fmt: skip
def test_what_runs_later(path: str, text: str, runs: list[str]) -> None:
    assert [one.text for one in later.runs_later(path, rendered(text))] == runs


@pytest.mark.parametrize(
    ("unit", "words", "asked"),
    [
        ("a.service", {"a"}, True),
        ("a.service", {"a.service"}, True),
        ("a.service", {"a.timer"}, True),
        ("a.service", {"a.target"}, False),
        ("a.service", {"ab"}, False),
        ("a@.service", {"a@1"}, True),
        ("a@.service", {"a@1.service"}, True),
        ("a@.service", {"a@"}, False),
        ("a@.service", {"a"}, False),
        ("a.path", {"a.path"}, True),
    ],
)
def test_which_unit_is_asked_for(unit: str, words: set[str], asked: bool) -> None:
    assert later.is_asked_for(unit, words) == asked


def test_the_name_of_an_instance_is_what_a_run_tells() -> None:
    (one,) = later.commands_of(rendered("[Service]\nExecStart=/b %i --x=%I\n"))
    assert one.text == f"/b {UNKNOWN} --x={UNKNOWN}"
    (plain,) = later.commands_of(rendered("[Service]\nExecStart=/b %i\n"))
    assert plain.text == f"/b {UNKNOWN}"
    (shell,) = later.commands_of(rendered("[Service]\nExecStart=/bin/sh -c 'x \\\n $$y'\n"))
    assert shell.text == "/bin/sh -c 'x \\\n $y'"


@pytest.mark.parametrize(
    ("commands", "names"),
    [
        (["cp /usr/bin/kubelet /opt/k"], {"/opt/k": "kubelet"}),
        (["cp /usr/bin/kubelet /opt/"], {}),
        (["install -m 755 kubeadm /usr/local/bin/ka"], {"/usr/local/bin/ka": "kubeadm", "ka": "kubeadm"}),
        (["cp kubelet /opt/k", "mv /opt/k /opt/l"], {"/opt/k": "kubelet", "/opt/l": "kubelet"}),
        (["ln -s /x/kubelet.service /y/n.service"], {"n.service": "kubelet.service", "n": "kubelet.service"}),
        (["cp /x/kubelet.service /root/saved"], {}),
        (["sudo curl -Lo /opt/k https://a/b/kubelet?x=1"], {"/opt/k": "kubelet"}),
        (["curl -LO https://a/b/kubelet /opt/k"], {}),
        (["curl -L -o /usr/bin/k https://a/b/kubelet?x=1"], {"/usr/bin/k": "kubelet", "k": "kubelet"}),
        (["wget -O /opt/k https://a/kubelet"], {"/opt/k": "kubelet"}),
        (["cp a b", "cp"], {}),
    ],
)
def test_other_names(commands: list[str], names: dict[str, str]) -> None:
    renamed = Renamed()
    for one in commands:
        renamed.learn(one.split())
    assert renamed.names == names


@pytest.mark.parametrize(
    ("name", "starts"),
    [
        ("start_kubelet", True),
        ("restart-kubelet", True),
        ("kubelet_restart", True),
        ("kubeadm-join", True),
        ("boot_my_kubelet", True),
        ("check_start_kubelet", False),
        ("stop_kubelet", False),
        ("configure_kubelet", False),
        ("kubelet", False),
        ("log_start_kubelet", False),
    ],
)
def test_a_program_that_starts_it_by_its_name(name: str, starts: bool) -> None:
    assert starts_by_name(name) == starts
    assert bool(not_understood([f"/opt/{name}", "x"])) == starts


def test_what_is_appended_is_put_together_when_it_is_read() -> None:
    statement = parse(b"x\n", "bash").statements[0]
    files = OwnFiles()
    files.append("/a", Nested("file", rendered("one\n"), statement))
    files.append("/a", Nested("file", rendered("two\n"), statement))
    assert [*files] == ["/a"]
    assert files["/a"].rendered.text == files["/a"].rendered.text == "one\ntwo\n"
    files.write("/a", Nested("file", rendered("three\n"), statement))
    assert files["/a"].rendered.text == "three\n"
    files.forget("/a")
    assert "/a" not in files
    assert len(files) == 0


@pytest.mark.parametrize(
    "more", ["{ echo true; } >>/opt/x.sh", "echo true | tee -a /opt/x.sh", "echo true >>/opt/x.sh"]
)
def test_what_stood_in_a_file_before_is_still_there(more: str) -> None:
    script = f"#!/bin/bash\necho 'systemctl start kubelet' >/opt/x.sh\n{more}\nsh /opt/x.sh\n"
    assert [(one.code, one.line) for one in ackpatch.check(script)] == [("ACK101", 4)]
