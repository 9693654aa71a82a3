"""kubeadm and the package managers, as far as kubelet depends on them."""

import pytest

from ackpatch.rehearse import rehearse, view

FILE = {"rpm": "/etc/sysconfig/kubelet", "deb": "/etc/default/kubelet"}


def extra(family: str, text: str) -> dict[str, bytes]:
    return {FILE[family]: f"KUBELET_EXTRA_ARGS={text}\n".encode()}


@pytest.mark.parametrize("family", ["rpm", "deb"])
def test_join_is_a_start_with_the_four_variables_in_order(family: str) -> None:
    rehearsal = rehearse(
        b"kubeadm join 1.2.3.4:6443 --token x", family=f"{family}+installed", files=extra(family, "--v=2")
    )
    assert rehearsal.exit_status == 0, rehearsal.stderr
    (start,) = rehearsal.starts
    assert (start.how, start.node_name, start.error) == ("kubeadm join", "worker-1", None)
    assert start.argv == (
        "/usr/bin/kubelet",
        "--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf",
        "--kubeconfig=/etc/kubernetes/kubelet.conf",
        "--config=/var/lib/kubelet/config.yaml",
        "--container-runtime-endpoint=unix:///run/containerd/containerd.sock",
        "--pod-infra-container-image=registry.example/pause:3.9",
        "--v=2",
    )
    assert "/var/lib/kubelet/config.yaml" in rehearsal.files


@pytest.mark.parametrize(
    ("arguments", "override", "status", "name"),
    [
        # The name of --hostname-override is not kubeadm's: it waits for a Node that never comes.
        ("", "--hostname-override=node-a", 1, "worker-1"),
        ("--node-name node-a", "--hostname-override=node-a", 0, "node-a"),
        ("--node-name=node-a", "--hostname-override=node-a", 0, "node-a"),
        ("--node-name=Node-A", "--hostname-override=node-a", 0, "node-a"),
        # kubeadm hands its own name to kubelet, but the file's flag comes last.
        ("--node-name=node-a", "", 0, "node-a"),
        ("--node-name=node-a", "--hostname-override=old", 1, "node-a"),
        ("", "--hostname-override=worker-1", 0, "worker-1"),
        ("--config /root/join.yaml", "", 0, "from-file"),
        ("--config /root/join.yaml", "--hostname-override=node-a", 1, "from-file"),
        ("--config=/root/join.yaml --node-name=node-a", "--hostname-override=node-a", 0, "node-a"),
        ("--config=/root/missing.yaml", "", 1, None),
    ],
)
def test_join_waits_for_the_name_that_it_chose(arguments: str, override: str, status: int, name: str | None) -> None:
    config = b"kind: JoinConfiguration\nnodeRegistration:\n  name: from-file\n"
    files = extra("rpm", override) | {"/root/join.yaml": config}
    rehearsal = rehearse(f"kubeadm join 1.2.3.4 {arguments}\n".encode(), family="rpm+installed", files=files)
    assert rehearsal.exit_status == status, rehearsal.stderr
    assert [start.node_name for start in rehearsal.starts] == ([name] if name else [])


def test_join_takes_taints_and_extra_arguments_from_its_configuration() -> None:
    config = b"""kind: JoinConfiguration
nodeRegistration:
  taints:
  - {key: a}
  - key: k
    value: v
    effect: NoSchedule
  kubeletExtraArgs:
    node-labels: a=b
"""
    script = (
        b"cat > /root/join.yaml <<'EOF'\n"
        + config.replace(b"  - {key: a}\n", b"")
        + b"EOF\nkubeadm join --config /root/join.yaml"
    )
    rehearsal = rehearse(script, family="rpm+installed")
    seen = view(rehearsal.starts[0].argv)
    assert (seen.taints, seen.labels) == (("k=v:NoSchedule",), {"a": "b"})
    assert b"--register-with-taints=k=v:NoSchedule" in rehearsal.files["/var/lib/kubelet/kubeadm-flags.env"].content


def test_join_fails_when_kubelet_would_exit_or_has_no_unit() -> None:
    bad = rehearse(b"kubeadm join x", family="rpm+installed", files=extra("rpm", "stray"))
    assert (bad.exit_status, len(bad.starts)) == (1, 1)
    none = rehearse(b"kubeadm join x", family="binary")
    assert (none.exit_status, none.starts[0].error) == (1, "Unit kubelet.service not found.")


def test_join_reads_units_again_and_runs_once_until_reset() -> None:
    script = b"""
        systemctl daemon-reload
        printf '[Service]\\nEnvironment=X=--v=1\\nExecStart=\\nExecStart=/usr/bin/kubelet $X\\n' \
            >/usr/lib/systemd/system/kubelet.service.d/20-x.conf
        kubeadm join x; echo $?; kubeadm join x 2>/dev/null; echo $?
        kubeadm reset -f; kubeadm join x >/dev/null; echo $?
    """
    rehearsal = rehearse(script, family="rpm+installed")
    assert rehearsal.stdout.splitlines()[1:] == [b"0", b"1", b"0"]
    assert [start.argv[1:] for start in rehearsal.starts] == [("--v=1",), ("--v=1",)]


def test_init_is_a_start_too() -> None:
    (start,) = rehearse(b"kubeadm init --node-name=m", family="rpm+installed").starts
    assert (start.how, start.node_name) == ("kubeadm init", "m")


def test_other_verbs_of_kubeadm_start_nothing() -> None:
    script = b"""
        kubeadm version -o short; kubeadm config images pull; kubeadm init phase certs all
        $(kubeadm token create --print-join-command | sed 's/^/echo /')
    """
    rehearsal = rehearse(script, family="rpm+installed")
    assert rehearsal.starts == ()
    assert rehearsal.stdout.startswith(b"v1.28.2\nkubeadm join 192.168.1.2:6443 --token ")


@pytest.mark.parametrize(
    ("family", "command"),
    [
        ("rpm", "yum install -y kubelet kubeadm"),
        ("rpm", "dnf -y install kubeadm-1.28.2-0 --disableexcludes=kubernetes"),
        ("rpm", "yum -y install 'kubeadm-1.28*'"),
        ("rpm", "rpm -ivh /tmp/kubelet-1.28.2-0.x86_64.rpm /tmp/kubeadm-1.28.2-0.x86_64.rpm"),
        ("rpm", "zypper --non-interactive in kubeadm"),
        ("deb", "apt-get install -y kubelet=1.28.2-1.1 kubeadm=1.28.2-1.1"),
        ("deb", "DEBIAN_FRONTEND=noninteractive apt -y install kubeadm"),
        ("deb", "sudo dpkg -i kubelet_1.28.2-00_amd64.deb kubeadm_1.28.2-00_amd64.deb"),
    ],
)
def test_packages_bring_unit_drop_in_file_and_programs(family: str, command: str) -> None:
    script = f"command -v kubelet kubeadm && exit 9\n{command} || exit 8\nkubeadm join x >/dev/null; cat {FILE[family]}"
    rehearsal = rehearse(script.encode(), family=family)
    assert (rehearsal.exit_status, rehearsal.stdout) == (0, b"KUBELET_EXTRA_ARGS=\n")
    assert rehearsal.starts[0].argv[0] == "/usr/bin/kubelet"
    assert "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf" in rehearsal.files


def test_kubelet_alone_brings_no_drop_in() -> None:
    (start,) = rehearse(b"yum install -y kubelet && systemctl start kubelet").starts
    assert start.argv == ("/usr/bin/kubelet",)


@pytest.mark.parametrize(
    ("family", "command"), [("rpm", "yum install -y kubeadm"), ("deb", "apt-get install -y kubeadm")]
)
def test_an_installation_keeps_an_environment_file_that_is_there(family: str, command: str) -> None:
    rehearsal = rehearse(f"{command}; systemctl restart kubelet".encode(), family=family, files=extra(family, "--v=5"))
    assert rehearsal.starts[0].argv[-1] == "--v=5"


def test_the_deb_enables_kubelet_and_the_rpm_does_not() -> None:
    assert [start.how for start in rehearse(b"apt-get install -y kubelet", family="deb").starts] == ["boot"]
    assert rehearse(b"yum install -y kubelet").starts == ()


def test_questions_about_packages() -> None:
    script = b"""
        rpm -q kubelet || echo none
        yum install -y kubelet-1.27.4; rpm -q kubelet; kubelet --version
        yum remove -y kubelet; hash -r; command -v kubelet || echo gone
    """
    expected = b"package kubelet is not installed\nnone\nkubelet-1.27.4-0.x86_64\nKubernetes v1.27.4\ngone\n"
    assert rehearse(script).stdout == expected
    script = b"dpkg -s kubelet >/dev/null 2>&1 || echo none; apt-get install -y kubelet; dpkg -l | grep -c kubelet"
    assert rehearse(script, family="deb").stdout.split()[:2] == [b"none", b"2"]


def test_the_wrong_familys_package_manager_is_not_there() -> None:
    assert rehearse(b"apt-get install -y kubelet").exit_status == 127
    assert rehearse(b"yum install -y kubelet", family="deb").exit_status == 127
    assert rehearse(b". /etc/os-release; echo $ID", family="deb").stdout == b"ubuntu\n"


def test_a_binary_node_gets_nothing_from_package_managers() -> None:
    rehearsal = rehearse(b"yum install -y kubelet; kubelet --version; ls /usr/lib/systemd/system", family="binary")
    assert rehearsal.stdout == b"Kubernetes v1.28.2\n"
