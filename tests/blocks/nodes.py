"""The table: each state as a node. What a call must make of it is judged by kubelet's command line before and after."""

from __future__ import annotations

from .ground import UNIT, Node
from .states import ENVIRONMENT_FILES, FILES, STARTS

_HEAD = "[Unit]\nDescription=kubelet --node-labels=not=me\nAfter=containerd.service\n\n[Service]\n"
_TAIL = "Restart=no\nExecStop=/bin/kill --provider-id=not-me $MAINPID\n\n[Install]\nWantedBy=multi-user.target\n"
_OWN = "/etc/systemd/system/kubelet.service.d"
_RPM = "/usr/lib/systemd/system/kubelet.service.d"
_KUBEADM = "ExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS"
# Command lines that a call must not touch: it cannot know where their end is.
REFUSED = {"sh -c", "sh -c, exec", "sh -c, flag last of all", "sh -c, kubelet alone", "quoted program"}


def unit(lines: str) -> bytes:
    return (_HEAD + lines + _TAIL).encode()


def drop_in(lines: str) -> bytes:
    return f"[Service]\n{lines}\n".encode()


def _all() -> dict[str, Node]:
    found = {}
    for name, content in ENVIRONMENT_FILES.items():
        files = {} if content is None else {"/etc/sysconfig/kubelet": content}
        found[f"file: {name}"] = Node(files)
    for name, lines in STARTS.items():
        found[f"start: {name}"] = Node({UNIT: unit(lines)}, "binary", refused=name in REFUSED)
    for name, content in FILES.items():
        lines = "EnvironmentFile=-/etc/kubernetes/kubelet.conf\nExecStart=/usr/bin/kubelet $KUBELET_OPTS --last=1\n"
        found[f"options: {name}"] = Node({UNIT: unit(lines), "/etc/kubernetes/kubelet.conf": content}, "binary")
    return found | {f"other: {name}": node for name, node in OTHERS.items()}


OTHERS = {
    "flags after the variable": Node({f"{_RPM}/10-kubeadm.conf": drop_in(f"EnvironmentFile=-/etc/sysconfig/kubelet\n{_KUBEADM} --hostname-override=x")}),
    "kubeadm's variable last": Node({f"{_RPM}/10-kubeadm.conf": drop_in("EnvironmentFile=-/etc/sysconfig/kubelet\nExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_EXTRA_ARGS $KUBELET_KUBEADM_ARGS"),
                                      "/var/lib/kubelet/kubeadm-flags.env": b'KUBELET_KUBEADM_ARGS="--provider-id=old --register-with-taints=a=b:NoExecute"\n'}),
    "a drop-in that reads no file": Node({f"{_OWN}/20-own.conf": drop_in("ExecStart=\nExecStart=/usr/bin/kubelet --v=3")}),
    "flags in Environment= of a second drop-in": Node({f"{_OWN}/20-own.conf": drop_in('Environment=KUBELET_EXTRA_ARGS=--provider-id=old\nEnvironment="KUBELET_KUBEADM_ARGS=--node-labels=zone=old"')}),
    "an EnvironmentFile beside the unit": Node({f"{_OWN}/20-own.conf": drop_in("EnvironmentFile=/etc/own.env"), "/etc/own.env": b"KUBELET_EXTRA_ARGS=--hostname-override=old --register-with-taints=a=b:NoSchedule\n"}),
    "the same file by Environment=": Node({f"{_OWN}/20-own.conf": drop_in('Environment="KUBELET_EXTRA_ARGS=--v=4"'), "/etc/sysconfig/kubelet": b"KUBELET_EXTRA_ARGS=--v=5\n"}),
    "a file that is reset": Node({f"{_OWN}/20-own.conf": drop_in("EnvironmentFile=\nEnvironmentFile=-/etc/default/kubelet"), "/etc/sysconfig/kubelet": b"KUBELET_EXTRA_ARGS=--v=5 --register-with-taints=dead=x:NoExecute\n", "/etc/default/kubelet": b"KUBELET_EXTRA_ARGS=--v=6\n"}),
    "a drop-in in /run": Node({"/run/systemd/system/kubelet.service.d/50-x.conf": drop_in("ExecStart=\nExecStart=/usr/bin/kubelet --v=7")}),
    "drop-ins sort by name": Node({f"{_OWN}/10-z.conf": drop_in("ExecStart=\nExecStart=/usr/bin/kubelet --v=1"), f"{_RPM}/90-a.conf": drop_in("ExecStart=\nExecStart=/usr/bin/kubelet --v=2")}),
    "a drop-in after ours": Node({f"{_OWN}/zzz-late.conf": drop_in("ExecStart=\nExecStart=/usr/bin/kubelet --v=1")}, refused=True),
    "two ExecStart": Node({UNIT: unit("ExecStart=/usr/bin/kubelet --a=1\nExecStart=/usr/bin/kubelet --b=1\n")}, "binary", refused=True),
    "an empty last ExecStart": Node({f"{_OWN}/20-own.conf": drop_in("ExecStart=")}, refused=True),
    "a wrapper": Node({UNIT: unit("ExecStart=/usr/local/bin/kubelet.sh --a=1\n")}, "binary", refused=True),
    "a container": Node({UNIT: unit("ExecStart=/usr/bin/docker run --rm kubelet /usr/bin/kubelet --a=1\n")}, "binary", refused=True),
    "a comment in a continued line": Node({UNIT: unit("ExecStart=/usr/bin/kubelet \\\n  --a=1 \\\n# --register-with-taints=dead=x:NoExecute \\\n  --b=1\n")}, "binary"),
    "one word by braces": Node({UNIT: unit("Environment=ONE=--hostname-override=old\nExecStart=/usr/bin/kubelet ${ONE} --a=1\n")}, "binary"),
    "the documented --node-ip": Node({UNIT: unit("ExecStart=/usr/bin/kubelet --node-ip=cn-hangzhou.192.168.1.5 --a=1\n")}, "binary"),
    "a former drop-in of ours": Node({f"{_OWN}/zz-ackpatch.conf": drop_in("ExecStart=\nExecStart=/usr/bin/kubelet --stale=1 --provider-id=stale")}, "rpm+installed"),
    "a former line of ours": Node({"/etc/sysconfig/kubelet": b"KUBELET_EXTRA_ARGS=--v=2\n\n# ackpatch: the value with the pool flags\nKUBELET_EXTRA_ARGS=--v=2 --provider-id=stale --hostname-override=stale --node-labels=stale=1 --register-with-taints=stale=x:NoExecute\n"}),
}  # fmt: skip

NODES = _all()
