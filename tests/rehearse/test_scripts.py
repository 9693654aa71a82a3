"""How a script is run: shell, arguments, exit status, calls, files, time, names."""

import pytest

from ackpatch.rehearse import Call, FileState, canonical_calls, rehearse


def out(script: str, **more: object) -> str:
    rehearsal = rehearse(script.encode(), **more)  # type: ignore[arg-type]
    return rehearsal.stdout.decode()


@pytest.mark.parametrize(
    ("script", "status"),
    [("exit 7", 7), ("false", 1), ("/no/such/command", 127), ("kill -9 $$", 137), ("set -e; false; true", 1), ("", 0)],
)
def test_exit_status(script: str, status: int) -> None:
    assert rehearse(script.encode()).exit_status == status


def test_the_shell_is_the_shebangs_else_bash() -> None:
    shown = 'echo "${BASH_VERSION:+bash}"'
    assert out(f"#!/bin/bash\n{shown}") == "bash\n"
    assert out(f"#!/usr/bin/env bash\n{shown}") == "bash\n"
    assert out(shown) == "bash\n"
    assert out(f"#!/bin/bash\n{shown}", shell=["dash"]) == "\n"
    assert out("#!/bin/bash -e\nfalse\necho on") == ""
    assert out("#!/bin/sh\nshopt -o posix >/dev/null 2>&1 && echo $BASH_VERSION", family="rpm") != ""


def test_other_interpreters_run_as_the_kernel_does() -> None:
    assert out("#!/bin/cat\nx\n") == "#!/bin/cat\nx\n"
    missing = rehearse(b"#!/no/such/shell\ntrue")
    assert (missing.exit_status, missing.stderr) == (127, b"/root/bootstrap.sh: No such file or directory\n")


def test_arguments_folder_and_name() -> None:
    script = (
        'echo "$0|$#|$1|$2"; pwd; dirname "$0"; cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"; ls bootstrap.sh'
    )
    assert out(script, args=["a b", ""]) == "/root/bootstrap.sh|2|a b|\n/root\n/root\nbootstrap.sh\n"


def test_only_the_given_environment() -> None:
    assert out('echo "$A|$HOME|$LANG|${USER-unset}"', env={"A": "x y\nz"}) == "x y\nz|/root|C.UTF-8|unset\n"


def test_calls_are_recorded_in_order_with_their_arguments() -> None:
    script = b"mkdir -p /a/b; /bin/echo 'x y' '' $'n\\n'; echo builtin; kubectl get nodes; sudo -n cat /dev/null"
    assert rehearse(script).calls == (
        Call(("mkdir", "-p", "/a/b")),
        Call(("echo", "x y", "", "n\n")),
        Call(("kubectl", "get", "nodes")),
        Call(("sudo", "-n", "cat", "/dev/null")),
        Call(("cat", "/dev/null")),
    )


def test_pipelines_race_but_canonical_calls_do_not() -> None:
    script = b"for i in 1 2 3 4 5; do cat /etc/hosts | grep a | sort | tail -1 >/dev/null; systemctl start docker; done"
    assert len({canonical_calls(rehearse(script)) for _ in range(4)}) == 1
    one, other = rehearse(b"systemctl start a; systemctl start b"), rehearse(b"systemctl start b; systemctl start a")
    assert canonical_calls(one) != canonical_calls(other)


def test_files_that_the_script_made_or_changed() -> None:
    files = {"/etc/old": b"1", "/etc/same": b"1"}
    script = (
        b"echo 2 >/etc/old; echo 1 >/opt/a; chmod 600 /opt/a; ln -s /opt/a /root/link; : >/lib/systemd/system/a.service"
    )
    assert rehearse(script, files=files).files == {
        "/etc/old": FileState(0o644, b"2\n", None),
        "/opt/a": FileState(0o600, b"1\n", None),
        "/root/link": FileState(0o777, b"", "/opt/a"),
        "/usr/lib/systemd/system/a.service": FileState(0o644, b"", None),
    }


def test_time_passes_the_same_in_each_run() -> None:
    script = "date +%s; sleep 30; date +%s; sleep 1m 5s; date -u +%F; date -d @0 -u +%Y"
    assert out(script) == out(script)
    first, second = (int(line) for line in out(script).split()[:2])
    assert second - first == 31
    loop = "end=$(($(date +%s) + 300)); while [ $(date +%s) -lt $end ]; do sleep 10; done; echo done"
    assert out(loop) == "done\n"


def test_temporary_names_are_the_same_in_each_run() -> None:
    script = "mktemp; mktemp -d; mktemp -t x.XXXX; mktemp /var/a.XXXXXX.b; mktemp -p /opt; cd /var; mktemp y.XXX; ls"
    assert out(script) == out(script)
    assert len(set(out(script).split()[:6])) == 6
    assert rehearse(b"mktemp /no/such/XXXXXX").exit_status == 1


def test_the_hosts_name() -> None:
    script = (
        "hostname; hostnamectl set-hostname node-b; hostname; cat /etc/hostname; uname -n; hostname -I; hostname -s"
    )
    assert out(script) == "worker-1\nnode-b\nnode-b\nnode-b\n192.168.1.5\nnode-b\n"
    script = "ip -4 addr show eth0 | grep -oP '(?<=inet )[\\d.]+'; ip route get 1 | sed 's/.*src //;s/ .*//'"
    assert out(script).split() == ["192.168.1.5"] * 2
