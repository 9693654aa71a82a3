"""A careful script looks whether what it did took effect: the stand-ins agree with what was done before."""

import pytest

from ackpatch.rehearse import rehearse


@pytest.mark.parametrize(
    "script",
    [
        "containerd config default >/tmp/c; grep -q 'SystemdCgroup = false' /tmp/c; grep -q sandbox_image /tmp/c",
        "! test -e /run/containerd/containerd.sock; systemctl start containerd; test -S /run/containerd/containerd.sock",
        "systemctl enable --now docker; test -S /var/run/docker.sock; test -S /run/containerd/containerd.sock",
        "systemctl restart cri-docker; test -S /run/cri-dockerd.sock; service crio start; test -S /var/run/crio/crio.sock",
        "! lsmod | grep -q br_netfilter; modprobe br_netfilter; lsmod | grep -q ^br_netfilter; test -d /sys/module/br_netfilter",
        "modprobe -a ip_vs ip-vs-rr; lsmod | grep -q ip_vs_rr; modprobe -r ip_vs; ! lsmod | grep -q '^ip_vs '",
        "modprobe nf_conntrack_x hashsize=9; ! lsmod | grep -q hashsize; insmod /lib/x/foo.ko.xz; lsmod | grep -q ^foo",
        "echo overlay >/etc/modules-load.d/k.conf; systemctl restart systemd-modules-load; lsmod | grep -q overlay",
        "sysctl -w vm.swappiness=1; test $(sysctl -n vm.swappiness) = 1; test $(cat /proc/sys/vm/swappiness) = 1",
        "printf 'a.b = 7\\n#c.d=1\\n' >/etc/sysctl.d/k.conf; sysctl --system; test $(sysctl -n a.b) = 7",
        "echo 'a.b=8' >/etc/sysctl.conf; sysctl -p; test $(sysctl -n a.b) = 8; sysctl -p /etc/sysctl.conf",
        "yum install -y kubelet-1.24.7-0 kubeadm-1.24.7-0; kubelet --version | grep -q v1.24.7",
        "yum install -y kubeadm-1.24.7; test $(kubeadm version -o short) = v1.24.7",
        "curl -LO https://dl.example/v1.25.3/bin/linux/amd64/kubelet; chmod +x kubelet; ./kubelet --version | grep v1.25.3",
        "docker info | grep -q 'Cgroup Driver: cgroupfs'",
        """echo '{"exec-opts": ["native.cgroupdriver=systemd"]}' >/etc/docker/daemon.json
           docker info | grep -q 'Cgroup Driver: systemd'""",
        "systemctl is-active kubelet && exit 1; yum -y install kubelet; systemctl start kubelet; systemctl is-active kubelet",
    ],
)
def test_what_was_done_is_what_is_shown(script: str) -> None:
    rehearsal = rehearse(f"set -ex\nmkdir -p /etc/docker\n{script}".encode())
    assert rehearsal.exit_status == 0, rehearsal.stderr.decode()


def test_a_missing_daemon_reload_shows() -> None:
    old, new = b"[Service]\nExecStart=/usr/bin/kubelet --old\n", "[Service]\\nExecStart=/usr/bin/kubelet --new\\n"
    write = f"systemctl start kubelet; printf '{new}' >/etc/systemd/system/kubelet.service;"
    files = {"/etc/systemd/system/kubelet.service": old}
    for between, last in (("", "--old"), ("systemctl daemon-reload;", "--new"), ("systemctl enable docker;", "--new")):
        rehearsal = rehearse(f"{write}{between} systemctl restart kubelet".encode(), files=files)
        assert rehearsal.starts[-1].argv[-1] == last, between


def test_unknown_commands_succeed_and_are_told() -> None:
    script = (
        b'set -e\nmy_tool --a b\nx=$(other-tool c)\nmine() { :; }\nmine\n[ -z "$x" ]\nif third; then echo yes; fi\n'
    )
    rehearsal = rehearse(script)
    assert (rehearsal.exit_status, rehearsal.stdout) == (0, b"yes\n")
    assert rehearsal.unknown == ("my_tool", "other-tool", "third")
    assert [call.argv for call in rehearsal.calls] == [("my_tool", "--a", "b"), ("other-tool", "c"), ("third",)]


@pytest.mark.parametrize("family", ["rpm", "deb"])
def test_what_a_script_asks_for_is_not_made_up(family: str) -> None:
    script = b"""
        for tool in yum apt-get; do command -v $tool >/dev/null && echo $tool; done
        command -v my_tool || my_tool() { echo mine; }
        my_tool; which kubeadm; kubeadm version; kubelet --version
        /no/such/place/tool; echo $?
    """
    rehearsal = rehearse(script, family=family)
    assert rehearsal.stdout.split() == [b"yum" if family == "rpm" else b"apt-get", b"mine", b"127"]


def test_files_that_the_script_took_away() -> None:
    rehearsal = rehearse(
        b"rm -f /etc/hosts /opt/given; rm -rf /root/.bashrc; touch /etc/new; rm /etc/new", files={"/opt/given": b"x"}
    )
    assert rehearsal.removed == {"/etc/hosts", "/opt/given", "/root/.bashrc"}
