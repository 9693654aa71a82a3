"""Why a reason of a verdict matters: what kubelet, kubeadm or the cluster would do with it."""

import re

_WHY = tuple(
    (re.compile(pattern), why)
    for pattern, why in (
        (
            r"--provider-id is not given",
            "the cluster cannot tell which instance the Node is, and a registered Node never gets an ID later",
        ),
        (r"--provider-id is ", "the Node would belong to no instance of the pool, and its ID can never be changed"),
        (r"--hostname-override is .*,", "a name with a comma is taken, and the Node is then refused for ever"),
        (r"--hostname-override is ", "the Node would register under another name than the pool waits for"),
        (r"label ", "labels count at the first registration only; the pool's selectors would not find the Node"),
        (
            r"taint .* is missing",
            "taints count at the first registration only; pods that the pool keeps off would come",
        ),
        (r"taint .* is lost", "of several --register-with-taints kubelet takes the last and drops the others"),
        (r"--register-with-taints is given", "kubelet takes the last one and drops the others"),
        (r"--(provider-id|hostname-override) is given", "kubelet takes the last one"),
        (r"--node-ip was", "of several --node-ip the last counts, and a bad last one discards a good first"),
        (r"kubeadm waits for", "kubelet registers another name, and kubeadm join fails after about two minutes"),
        (r"kubelet would exit", "systemd restarts it for ever, and the node never comes up"),
        (r"Unit .* not found", "systemd has no such unit at that moment"),
        (
            r"Failed to load environment files",
            "the unit names a file without a dash before it, and the file is missing",
        ),
        (r"other arguments changed", "kubelet would run with other settings than the owner gave it"),
        (r"exit status", "whoever waits for the script takes that for its result"),
    )
)


def why_it_matters(reason: str) -> str:
    """What follows from a reason, or an empty text."""
    return next((why for pattern, why in _WHY if pattern.match(reason)), "")
