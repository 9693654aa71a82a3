"""What each engine of the rehearsal shows is what docs/rehearsal.md says; kubeadm behaves alike in both."""

from __future__ import annotations

import pytest

from ackpatch.rehearse import container, rehearse
from tools.engine_table import FIXED, HEAD, PROBES, Probe, in_page, row, shows

REAL = pytest.mark.skipif(bool(container.missing()), reason=container.missing() or "-")
TOKEN = "--token abcdef.0123456789abcdef --discovery-token-unsafe-skip-ca-verification"
JOIN = f"kubeadm join 10.0.0.10:6443 {TOKEN}"
RULES = """apiVersion: kubeadm.k8s.io/{version}
kind: JoinConfiguration
discovery:
  bootstrapToken:
    token: abcdef.0123456789abcdef
    apiServerEndpoint: 10.0.0.10:6443
    unsafeSkipCAVerification: true
nodeRegistration:
  name: worker-a
  criSocket: unix:///run/crio/crio.sock
  taints:
  - key: pool
    value: a
    effect: NoSchedule
  kubeletExtraArgs:
{arguments}
"""


def config(version: str, arguments: str) -> str:
    text = RULES.format(version=version, arguments=arguments)
    return f"cat >/root/join.yaml <<'E'\n{text}E\nkubeadm join --config /root/join.yaml\n"


# The script, its exit status, and words that kubelet's last start has.
KUBEADM = {
    "a name of its own": (f"{JOIN} --node-name worker-a\n", 0, ["--hostname-override=worker-a"]),
    "another name than kubelet registers": (
        f"echo KUBELET_EXTRA_ARGS=--hostname-override=b >/etc/sysconfig/kubelet\n{JOIN} --node-name worker-a\n",
        1,
        ["--hostname-override=b"],
    ),
    "a socket by a flag": (f"{JOIN} --cri-socket unix:///run/crio/crio.sock\n", 0, ["endpoint=unix:///run/crio/crio.sock"]),
    "v1beta3": (
        config("v1beta3", "    v: '4'"),
        0,
        ["--v=4", "--register-with-taints=pool=a:NoSchedule", "endpoint=unix:///run/crio/crio.sock", "--hostname-override=worker-a"],
    ),
    "v1beta4": (
        config("v1beta4", "  - name: v\n    value: '4'"),
        0,
        ["--v=4", "--register-with-taints=pool=a:NoSchedule", "endpoint=unix:///run/crio/crio.sock", "--hostname-override=worker-a"],
    ),
    "twice": (f"{JOIN}\n{JOIN}\n", 1, []),
    "twice with a reset between": (f"{JOIN}\nkubeadm reset -f\n{JOIN}\n", 0, []),
}  # fmt: skip


def test_the_page_has_a_row_for_each_probe() -> None:
    page = in_page()
    assert page.startswith(HEAD + FIXED)
    assert [line.split(" | ")[0] for line in page.removeprefix(HEAD + FIXED).splitlines()] == [
        f"| {one.what}" for one in PROBES
    ]


@pytest.mark.parametrize("probe", PROBES, ids=lambda one: one.what)
def test_the_model_shows_what_the_page_says(probe: Probe) -> None:
    shown = shows(probe, real=False)
    assert any(row(probe, shown, real) in in_page() for real in (True, False))


@REAL
@pytest.mark.parametrize("probe", PROBES, ids=lambda one: one.what)
def test_a_real_systemd_shows_what_the_page_says(probe: Probe) -> None:
    shown = shows(probe, real=True)
    assert any(row(probe, model, shown) in in_page() for model in (True, False))


@pytest.mark.parametrize("real", [False, pytest.param(True, marks=REAL)], ids=["model", "real"])
@pytest.mark.parametrize("name", KUBEADM)
def test_kubeadm(name: str, real: bool) -> None:
    script, status, words = KUBEADM[name]
    run = rehearse(f"#!/bin/bash\n{script}".encode(), env={}, family="rpm+installed", real=real)
    assert run.exit_status == status, run.stderr
    told = " ".join(run.starts[-1].argv)
    assert [one for one in words if one not in told] == []
