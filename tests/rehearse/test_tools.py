"""The node's tools as a script finds them: sudo, downloads, archives, and that they can be replaced."""

import pytest

from ackpatch.rehearse import rehearse

SHOWN = "sh -c 'echo \"${ALIBABA_CLOUD_LABELS-unset}\"'"


def out(script: str, **more: object) -> str:
    rehearsal = rehearse(script.encode(), **more)  # type: ignore[arg-type]
    return rehearsal.stdout.decode()


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("sudo", "unset"),
        ("sudo -E", "a=b"),
        ("sudo -nE", "a=b"),
        ("sudo -H -u root --", "unset"),
        ("sudo -u root ALIBABA_CLOUD_LABELS=c", "c"),
        ("sudo ALIBABA_CLOUD_LABELS='c d' --", "c d"),
        ("sudo --preserve-env=A,ALIBABA_CLOUD_LABELS", "a=b"),
    ],
)
def test_sudo_cleans_the_environment(command: str, expected: str) -> None:
    assert out(f"{command} {SHOWN}", env={"ALIBABA_CLOUD_LABELS": "a=b"}) == expected + "\n"


def test_sudo_passes_input_and_status() -> None:
    assert (
        out("sudo bash <<< 'echo $HOME'; echo x | sudo tee /opt/y; sudo -i; echo $?; sudo false; echo $?")
        == "/root\nx\n0\n1\n"
    )
    assert rehearse(b"sudo /no/such/command").exit_status == 127


def test_downloads_come_from_the_given_files() -> None:
    files = {"http://a.b/c": b"one\n", "https://a.b/x.sh": b"echo ran $1\n"}
    scripts = {
        "curl -s http://a.b/c; curl -sSL https://a.b/x.sh | bash -s -- z": "one\nran z\n",
        "wget -qO- http://a.b/c; wget -q -O /opt/d http://a.b/c; cat /opt/d": "one\none\n",
        "curl -fsSL -o /opt/e 'http://a.b/c?x=y'; cat /opt/e; cd /tmp; curl -sLO http://a.b/c; cat c": "one\none\n",
        "cd /tmp; wget http://a.b/c; cat c; wget -P /opt http://a.b/c; cat /opt/c": "one\none\n",
        "bash <(curl -s https://a.b/x.sh) y": "ran y\n",
    }
    for script, expected in scripts.items():
        assert out(script, files=files) == expected, script


def test_downloads_of_nothing_known_are_empty_and_succeed() -> None:
    assert out("curl -s http://100.100.100.200/latest/meta-data/region-id") == "cn-hangzhou"
    assert out("curl -H 'A: b' --retry 3 -s http://nowhere.example/; echo $?") == "0\n"
    assert out("curl -s -o /dev/null -w '%{http_code}' https://k8s.example/healthz") == "200"


def test_archives() -> None:
    script = (
        "cd /opt; echo x >f; tar czf /tmp/a.tgz f; rm f; tar -xzf /tmp/a.tgz -C /opt; cat f; tar xf no.tar; echo $?"
    )
    assert out(script) == "x\n2\n"


def test_a_tool_can_be_replaced_by_the_script() -> None:
    script = """
        set -e
        printf '#!/bin/sh\\necho mine\\n' >/usr/bin/containerd; containerd; ctr; crictl
        cp /usr/bin/containerd /usr/local/bin/kubectl; kubectl
        printf '#!/bin/sh\\necho new\\n' >/usr/bin/brand-new; chmod 755 /usr/bin/brand-new; brand-new
    """
    assert out(script) == "mine\nmine\nnew\n"


@pytest.mark.parametrize("family", ["rpm", "deb", "binary"])
def test_a_usual_preparation_runs_through(family: str) -> None:
    script = b"""
        set -euo pipefail
        swapoff -a; sed -i '/swap/d' /etc/fstab
        setenforce 0 || true; [ "$(getenforce)" = Disabled ]
        modprobe br_netfilter; sysctl --system; echo 'net.ipv4.ip_forward=1' >/etc/sysctl.d/k8s.conf
        systemctl stop firewalld; systemctl disable --now firewalld; ufw disable; iptables -F
        mkdir -p /etc/containerd; containerd config default >/etc/containerd/config.toml
        systemctl enable --now containerd; systemctl is-active containerd
        crictl pull x; docker info; ntpdate a; timedatectl set-timezone UTC; useradd -m x; journalctl -u kubelet
        . /etc/os-release; test -n "$ID"
        case "$(uname -m)" in x86_64 | aarch64) ;; *) exit 3 ;; esac
        for i in $(seq 3); do nc -z 127.0.0.1 6443 && break; sleep 5; done
        awk '{print $1}' /etc/hosts | xargs -n1 echo | sort -u | wc -l >/dev/null
        reboot
    """
    rehearsal = rehearse(script, family=family)
    assert rehearsal.exit_status == 0, rehearsal.stderr


def test_archives_of_releases() -> None:
    script = """
        set -e
        cd /tmp; curl -sLO https://x.example/crictl-v1.28.0-linux-amd64.tar.gz
        tar zxvf crictl-*.tar.gz -C /usr/local/bin; crictl
        curl -sL https://x.example/containerd-1.7.0.tar.gz | tar -C /usr/local -xz; /usr/local/bin/containerd
        curl -sL https://x.example/kubernetes-server-linux-amd64.tar.gz | tar xz
        kubernetes/server/bin/kubelet --version
        echo y >f; tar cf - f | (cd /opt; tar xf -); cat /opt/f; tar cf - f | tar -x -C /srv; cat /srv/f
    """
    assert out(script) == "Kubernetes v1.28.2\ny\ny\n"


def test_settings_of_the_kernel_agree_with_what_was_done() -> None:
    script = """
        set -e
        modprobe br_netfilter; lsmod | grep -q br_netfilter; sysctl -n net.ipv4.ip_forward; echo 1 >/proc/sys/net/ipv4/ip_forward
        sysctl net.ipv4.ip_forward; sysctl -w vm.swappiness=0; cat /proc/sys/net/bridge/bridge-nf-call-iptables
        cat /sys/class/net/eth0/address; test -n "$(cat /proc/sys/kernel/random/uuid)"
    """
    assert out(script) == "0\nnet.ipv4.ip_forward = 1\n1\n00:16:3e:00:00:05\n"


def test_the_usual_preparation_of_repositories() -> None:
    script = """
        set -euo pipefail
        apt-get update; apt-get install -y apt-transport-https ca-certificates curl gpg
        curl -fsSL https://x.example/Release.key | gpg --dearmor -o /etc/apt/keyrings/kubernetes-apt-keyring.gpg
        chmod 644 /etc/apt/keyrings/kubernetes-apt-keyring.gpg; test "$(lsb_release -cs)" = jammy
        echo "deb [arch=$(dpkg --print-architecture)] https://x.example /" | tee /etc/apt/sources.list.d/kubernetes.list
        apt-get install -y containerd
        sed -i 's/SystemdCgroup = false/SystemdCgroup = true/' /etc/containerd/config.toml
        apt-get install -y kubelet kubeadm kubectl; apt-mark hold kubelet kubeadm kubectl
    """
    assert out(script, family="deb") == "deb [arch=amd64] https://x.example /\n"


def test_a_downloaded_unit_is_the_packages() -> None:
    script = """
        unit=/etc/systemd/system/kubelet.service
        mkdir -p $unit.d
        curl -sSL https://x.example/kubelet/kubelet.service | sed s:/usr/bin:/opt/bin:g | tee $unit
        curl -sSL https://x.example/10-kubeadm.conf | sed s:/usr/bin:/opt/bin:g >$unit.d/10-kubeadm.conf
        systemctl enable --now kubelet
    """
    (start,) = rehearse(script.encode(), family="binary").starts
    assert start.argv[0] == "/opt/bin/kubelet"
    assert start.argv[-1] == "--config=/var/lib/kubelet/config.yaml"
