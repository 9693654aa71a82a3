"""What counts as a start of kubelet, and with what configuration, seen by running scripts."""

import pytest

from ackpatch.rehearse import Rehearsal, rehearse

UNIT = "/etc/systemd/system/kubelet.service"
PLAIN_UNIT = (
    b"[Service]\nEnvironmentFile=-/etc/e\nExecStart=/usr/bin/kubelet $X\n[Install]\nWantedBy=multi-user.target\n"
)


def run(script: str, unit: bytes = PLAIN_UNIT, **more: object) -> Rehearsal:
    files = {UNIT: unit, "/etc/e": b"X=--v=1\n"} if unit else {}
    return rehearse(script.encode(), files=files, **more)  # type: ignore[arg-type]


def starts(rehearsal: Rehearsal) -> list[tuple[str, ...]]:
    return [(start.how, *start.argv[1:]) for start in rehearsal.starts]


@pytest.mark.parametrize(
    ("command", "how"),
    [
        ("systemctl start kubelet", "systemctl start"),
        ("systemctl restart kubelet.service", "systemctl restart"),
        ("systemctl --no-block restart kubelet", "systemctl restart"),
        ("systemctl restart --no-block kubelet", "systemctl restart"),
        ("/bin/systemctl reload-or-restart kubelet", "systemctl reload-or-restart"),
        ("/usr/bin/systemctl enable --now kubelet", "systemctl enable --now"),
        ("systemctl enable kubelet --now", "systemctl enable --now"),
        ("systemctl --now enable docker kubelet", "systemctl enable --now"),
        ("systemctl restart docker kubelet containerd", "systemctl restart"),
        ("sudo systemctl restart kubelet", "systemctl restart"),
        ("sudo -E A=b -- systemctl restart kubelet", "systemctl restart"),
        ("su - root -c 'systemctl restart kubelet'", "systemctl restart"),
        ("service kubelet restart", "service restart"),
        ("/sbin/service kubelet start", "service start"),
        ("/etc/init.d/kubelet restart", "init.d restart"),
        ("s=kubelet; for v in daemon-reload 'restart kubelet'; do systemctl $v; done", "systemctl restart"),
        ("nohup systemctl start kubelet &", "systemctl start"),
        ("systemctl start kubelet; systemctl try-restart docker", "systemctl start"),
    ],
)
@pytest.mark.parametrize("shell", [["bash"], ["dash"]])
def test_one_start(command: str, how: str, shell: list[str]) -> None:
    rehearsal = run(command, shell=shell)
    assert starts(rehearsal) == [(how, "--v=1")]
    assert rehearsal.exit_status == 0, rehearsal.stderr


@pytest.mark.parametrize(
    "command",
    [
        "systemctl status kubelet || true",
        "systemctl stop kubelet; systemctl is-active kubelet || true; systemctl cat kubelet",
        "systemctl try-restart kubelet; systemctl condrestart kubelet",
        "systemctl -H other restart kubelet; systemctl --host=other start kubelet",
        "ssh other systemctl restart kubelet",
        "echo systemctl restart kubelet; printf '%s' 'kubelet'",
        "kubelet --version; /opt/kube/bin/kubelet --help",
        "systemctl restart docker; service docker restart; systemctl enable --now containerd",
        "systemctl daemon-reload; systemctl mask docker; systemctl unmask docker; systemctl disable kubelet",
    ],
)
def test_no_start(command: str) -> None:
    rehearsal = run(command, family="binary")
    assert starts(rehearsal) == []
    assert rehearsal.exit_status == 0, rehearsal.stderr


def test_start_of_a_running_kubelet_does_nothing_and_stop_makes_it_start_again() -> None:
    script = """
        systemctl start kubelet; echo X=--v=2 >/etc/e; systemctl start kubelet; systemctl enable --now kubelet
        systemctl restart kubelet; systemctl stop kubelet; echo X=--v=3 >/etc/e; systemctl start kubelet
    """
    assert starts(run(script)) == [
        ("systemctl start", "--v=1"),
        ("systemctl restart", "--v=2"),
        ("systemctl start", "--v=3"),
    ]


def test_try_restart_restarts_what_runs() -> None:
    assert len(run("systemctl start kubelet; systemctl try-restart kubelet").starts) == 2


def test_a_changed_environment_file_needs_no_reload() -> None:
    assert starts(run("systemctl daemon-reload; echo X=--v=9 >/etc/e; systemctl restart kubelet"))[0][1:] == ("--v=9",)


CHANGE = f"sed -i 's/\\$X/$X --new/' {UNIT}"


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (f"{CHANGE}; systemctl start kubelet", ("--v=1", "--new")),
        (f"systemctl daemon-reload; {CHANGE}; systemctl restart kubelet", ("--v=1",)),
        (f"systemctl daemon-reload; {CHANGE}; systemctl daemon-reload; systemctl restart kubelet", ("--v=1", "--new")),
        (f"systemctl daemon-reload; {CHANGE}; systemctl enable kubelet; systemctl restart kubelet", ("--v=1", "--new")),
        (f"systemctl daemon-reload; {CHANGE}; systemctl enable --now kubelet", ("--v=1", "--new")),
        (f"systemctl start kubelet; systemctl stop kubelet; {CHANGE}; systemctl start kubelet", ("--v=1",)),
        (f"systemctl daemon-reload; mkdir {UNIT}.d; printf '[Service]\\nEnvironment=X=5\\n' >{UNIT}.d/a.conf;"
         "echo >/etc/e; systemctl restart kubelet", ()),
    ],
)  # fmt: skip
def test_a_changed_unit_needs_a_reload(script: str, expected: tuple[str, ...]) -> None:
    assert run(script).starts[-1].argv[1:] == expected


def test_a_unit_written_after_a_reload_is_found_at_its_first_use() -> None:
    script = f"""
        systemctl daemon-reload
        systemctl start kubelet && exit 9
        [ $? = 5 ] || exit 8
        printf '[Service]\\nExecStart=/usr/bin/kubelet a\\n' >{UNIT}
        systemctl start kubelet
    """
    rehearsal = run(script, unit=b"")
    assert rehearsal.exit_status == 0
    assert [start.error for start in rehearsal.starts] == ["Unit kubelet.service not found.", None]
    assert rehearsal.starts[1].argv == ("/usr/bin/kubelet", "a")


def test_a_masked_unit_does_not_start() -> None:
    rehearsal = run(
        f"rm {UNIT}; systemctl mask kubelet; systemctl start kubelet; echo $?; systemctl is-enabled kubelet"
    )
    assert rehearsal.starts[0].error == "Unit kubelet.service is masked."
    assert rehearsal.stdout == b"1\nmasked\n"


def test_refused_by_systemd() -> None:
    rehearsal = run("systemctl start kubelet", unit=b"[Service]\nExecStart=/bin/kubelet\nExecStart=/bin/kubelet x\n")
    assert "more than one ExecStart" in (rehearsal.starts[0].error or "")


def test_drop_ins_and_environment_files_named_by_them() -> None:
    drop_in = b"[Service]\nEnvironmentFile=/opt/kubelet.d/*.env\nExecStart=\nExecStart=/usr/bin/kubelet $A $B\n"
    files = {
        UNIT: PLAIN_UNIT,
        f"{UNIT}.d/10-x.conf": drop_in,
        "/opt/kubelet.d/1.env": b"A=1\nB=1",
        "/opt/kubelet.d/2.env": b"B=2",
    }
    assert rehearse(b"systemctl start kubelet", files=files).starts[0].argv[1:] == ("1", "2")


def test_boot_is_a_start_when_kubelet_is_enabled_and_never_ran() -> None:
    assert starts(run("systemctl enable kubelet; echo X=--v=7 >/etc/e; reboot")) == [("boot", "--v=7")]
    # At boot all units are read again, so a missing daemon-reload does not matter.
    assert run(f"systemctl enable kubelet; {CHANGE}").starts[0].argv[1:] == ("--v=1", "--new")
    assert starts(run("systemctl start kubelet; systemctl enable kubelet")) == [("systemctl start", "--v=1")]
    assert starts(run("systemctl enable kubelet; systemctl disable kubelet")) == []
    assert starts(run(f"mkdir -p /etc/systemd/system/a.wants; ln -s {UNIT} /etc/systemd/system/a.wants/")) == [
        ("boot", "--v=1")
    ]


def test_boot_calls_nothing_that_the_script_did_not() -> None:
    assert [call.argv[0] for call in run("systemctl enable kubelet").calls] == ["systemctl"]


@pytest.mark.parametrize(
    "path", ["/usr/bin/kubelet", "/usr/local/bin/kubelet", "/opt/kubernetes/bin/kubelet", "/opt/kube/bin/kubelet"]
)
def test_kubelet_run_directly(path: str) -> None:
    rehearsal = rehearse(f"nohup {path} --v=2 '--node-labels=a=b' '' >/dev/null 2>&1 &".encode(), family="binary")
    assert [(start.how, start.argv) for start in rehearsal.starts] == [
        ("direct", (path, "--v=2", "--node-labels=a=b", ""))
    ]


def test_kubelet_that_the_script_puts_somewhere() -> None:
    script = """
        set -e
        cp /opt/mine/kubelet /usr/bin/kubelet; kubelet 1
        curl -sSLo /usr/local/bin/kubelet https://x.example/v1.28.2/bin/linux/amd64/kubelet
        chmod +x /usr/local/bin/kubelet; /usr/local/bin/kubelet 2
        cd /tmp; wget -q https://x.example/v1.28.2/kubernetes-node-linux-amd64.tar.gz
        tar xzf kubernetes-node-linux-amd64.tar.gz
        install -m 755 kubernetes/node/bin/kubelet /opt/k; exec /opt/k 3
    """
    rehearsal = rehearse(script.encode(), files={"/opt/mine/kubelet": b"#!kubelet"})
    assert rehearsal.exit_status == 0, rehearsal.stderr
    assert [start.argv[1:] for start in rehearsal.starts] == [("1",), ("2",), ("3",)]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ('/bin/sh -c "exec /usr/bin/kubelet $X --a=${Y}"', ("--v=1", "--a=b", "c")),
        ("/bin/bash -c 'exec kubelet $X \"--a=$$Y\"'", ("--v=1", "--a=b c")),
        ("/usr/bin/bash -ec '. /etc/e; kubelet --node-ip=$$(hostname) $$X'", ("--node-ip=worker-1", "--v=1")),
        ("/opt/start.sh one", ("--v=1", "one")),
        ("/usr/bin/env kubelet $X", ("--v=1",)),
    ],
)  # fmt: skip
def test_a_unit_whose_program_is_a_shell_is_followed_to_kubelet(program: str, expected: tuple[str, ...]) -> None:
    unit = f'[Service]\nEnvironment="Y=b c"\nEnvironmentFile=/etc/e\nExecStart={program}\n'.encode()
    files = {UNIT: unit, "/etc/e": b"X=--v=1\n", "/opt/start.sh": b'#!/bin/sh\nexec kubelet $X "$@"\n'}
    rehearsal = rehearse(b"systemctl start kubelet", files=files, family="binary")
    assert rehearsal.starts[0].argv[1:] == expected
    assert rehearsal.starts[0].how == "systemctl start"
    assert len(rehearsal.starts) == 1


def test_another_unit_that_runs_kubelet_is_a_start_of_kubelet() -> None:
    files = {"/etc/systemd/system/node-agent.service": b"[Service]\nExecStart=/opt/kube/bin/kubelet --v=3\n"}
    assert starts(rehearse(b"systemctl start node-agent", files=files)) == [("systemctl start", "--v=3")]


def test_states_are_told() -> None:
    script = """
        systemctl is-active kubelet; echo $?; systemctl is-enabled kubelet; echo $?
        systemctl enable -q --now kubelet 2>/dev/null
        systemctl is-active -q kubelet; echo $?; systemctl is-enabled kubelet; systemctl show -p ActiveState kubelet
        systemctl show --property=FragmentPath --value kubelet; systemctl status kubelet >/dev/null; echo $?
        systemctl is-active docker kubelet
    """
    expected = f"inactive 3 disabled 1 0 enabled ActiveState=active {UNIT} 0 inactive active"
    assert run(script).stdout.decode().split() == expected.split()


def test_enable_makes_the_links_of_the_install_section() -> None:
    rehearsal = run("systemctl enable kubelet")
    link = "/etc/systemd/system/multi-user.target.wants/kubelet.service"
    assert rehearsal.files[link].link == UNIT
    assert run("systemctl enable kubelet", unit=b"").exit_status == 1


def test_the_version_of_systemd_decides() -> None:
    unit = b"[Service]\nExecStart=/usr/bin/kubelet a \\\n# comment\n b\n"
    assert run("systemctl start kubelet", unit=unit, systemd=252).starts[0].argv[1:] == ("a", "b")
    assert run("systemctl start kubelet", unit=unit, systemd=219).starts[0].argv[1:] == ("a", "#", "comment")
