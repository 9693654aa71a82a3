"""Which words start kubelet, and which only look like it."""

from __future__ import annotations

import pytest

from ackpatch.node.words import meanings
from ackpatch.shell.programs import skip_prefixes

FOUND = {
    "systemctl restart kubelet": "start",
    "systemctl start kubelet.service": "start",
    "systemctl reload-or-restart kubelet": "start",
    "systemctl try-restart kubelet": "start",
    "systemctl condrestart kubelet": "start",
    "systemctl --now enable kubelet": "start",
    "systemctl enable --now kubelet": "start",
    "systemctl enable kubelet --now": "start",
    "systemctl enable docker kubelet --now": "start",
    "systemctl --no-block -q restart docker.service kubelet": "start",
    "systemctl -t service restart kubelet": "start",
    "/usr/bin/systemctl restart kubelet": "start",
    "sudo -E systemctl restart kubelet": "start",
    "sudo -u root LANG=C systemctl restart kubelet": "start",
    "env LANG=C nohup systemctl restart kubelet": "start",
    "timeout 30 systemctl restart kubelet": "start",
    "retry 5 10 systemctl restart kubelet": "start",
    "retry 'systemctl restart kubelet'": "start",
    "service kubelet restart": "start",
    "sudo service kubelet start": "start",
    "/etc/init.d/kubelet restart": "start",
    "systemctl_restart 10 5 10 kubelet": "start",
    "start_services docker kubelet": "start",
    "_service_enable kubelet": "start",
    "systemctl enable kubelet": "enable",
    "systemctl reenable kubelet.service": "enable",
    "kubeadm join 10.0.0.1:6443 --token a": "join",
    "sudo kubeadm join --config x": "join",
    "retry 3 kubeadm -v 5 join x": "join",
    "kubeadm join phase kubelet-start x": "join",
    "kubeadm init": "init",
    "kubelet --v=2": "direct",
    "exec /opt/bin/kubelet --v=2": "direct",
    "nohup kubelet --config x": "direct",
    "numactl -N 0 /usr/bin/kubelet --v=2": "direct",
    "reboot": "reboot",
    "shutdown -r now": "reboot",
    "systemctl reboot": "reboot",
}
NOT_FOUND = [
    "echo systemctl restart kubelet",
    "printf '%s' kubeadm join",
    "grep kubelet /etc/hosts",
    "systemctl restart kubelet-monitor",
    "systemctl restart my-kubelet",
    "systemctl restart docker",
    "systemctl --user restart kubelet",
    "kubeadm token create --print-join-command",
    "kubeadm join --help",
    "kubeadm init phase certs all",
    "kubelet --version",
    "command -v kubelet",
    "which kubelet",
    "yum install -y kubelet",
    "wait_for_start kubelet",
    "pkill kubelet",
    "cp kubelet /usr/bin/kubelet",
    "shutdown -h now",
]


NO_START = {
    "systemctl stop kubelet": "stop",
    "service kubelet stop": "stop",
    "systemctl disable --now kubelet": "stop",
    "kubeadm reset -f": "stop",
    "systemctl daemon-reload": "reload",
    "systemctl enable docker": "reload",
    "systemctl disable kubelet": "reload",
    "systemctl status kubelet": "harmless",
    "systemctl is-active --quiet kubelet": "harmless",
    "service kubelet status": "harmless",
}


def split(command: str) -> list[str]:
    import shlex

    return shlex.split(command)


@pytest.mark.parametrize(("command", "meaning"), {**FOUND, **NO_START}.items())
def test_found(command: str, meaning: str) -> None:
    assert [one.meaning for one in meanings(split(command))] == [meaning]


@pytest.mark.parametrize("command", NOT_FOUND)
def test_not_found(command: str) -> None:
    assert meanings(split(command)) == []


@pytest.mark.parametrize(
    ("command", "own"),
    [
        ("sudo -u root LANG=C systemctl", "systemctl"),
        ("timeout -k 5 --signal KILL 60 ./join.sh", "./join.sh"),
        ("timeout 1m sudo -E env -u HOME A=b nice -n 5 kubelet", "kubelet"),
        ("find / -name x.sh -exec sh {} ;", "sh"),
        ("find / -name x.sh -print", "find"),
        ("taskset -c 0,1 flock -w 5 /run/lock/x ./x", "./x"),
        ("xargs -n 1 -P4 bash", "bash"),
        ("systemd-run --unit=x -p Type=oneshot -- ./x", "./x"),
        ("exec -a name bash x", "bash"),
        ("chrt -f 99 kubelet", "kubelet"),
    ],
)
def test_the_command_itself_comes_after_its_prefixes(command: str, own: str) -> None:
    words = command.split()
    assert words[skip_prefixes(words)] == own
