"""What of a kubeadm configuration file reaches kubelet."""

from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ackpatch.node.kubeadm_config import kubelet_arguments, read

JOIN = """
# comment
apiVersion: kubeadm.k8s.io/v1beta3
kind: ClusterConfiguration
---
apiVersion: kubeadm.k8s.io/v1beta3
kind: JoinConfiguration
discovery:
  bootstrapToken:
    apiServerEndpoint: "1.2.3.4:6443"   # where
    caCertHashes:
    - sha256:00
    - "sha256:11"
nodeRegistration:
  name: "node-a"
  criSocket: unix:///run/containerd/containerd.sock
  kubeletExtraArgs:
    node-labels: "a=b,c=d"
    provider-id: 'x'
  taints:
  - key: k
    value: v
    effect: NoSchedule
  - effect: NoExecute
    key: dedicated
---
kind: KubeletConfiguration
"""


def test_name_taints_and_extra_arguments() -> None:
    registration = read(JOIN)
    assert registration.name == "node-a"
    assert registration.flags == {
        "node-labels": "a=b,c=d",
        "provider-id": "x",
        "register-with-taints": "k=v:NoSchedule,dedicated:NoExecute",
    }


def test_extra_arguments_as_a_list_of_name_and_value() -> None:
    text = (
        "kind: InitConfiguration\nnodeRegistration:\n  kubeletExtraArgs:\n  - name: v\n    value: '4'\n  taints: []\n"
    )
    assert read(text).flags == {"v": "4"}
    assert read(text).name is None


def test_inline_maps_and_unrelated_documents() -> None:
    inline = "kind: JoinConfiguration\nnodeRegistration: {name: n}\n"
    assert read(inline).name == "n"
    assert read("kind: Other\nnodeRegistration:\n  name: n\n").name is None
    assert read("").flags == {}
    assert read("- a\n-  b\n  c\n:::\n").name is None


def test_the_name_is_written_only_where_it_is_not_the_hosts() -> None:
    registration = read(JOIN)
    assert "--hostname-override" not in kubelet_arguments(registration, "worker-1", "worker-1")
    text = kubelet_arguments(registration, "node-a", "worker-1")
    assert "--hostname-override=node-a --node-labels=a=b,c=d" in text
    assert text.split() == sorted(text.split())


NAMES = st.from_regex(r"[a-z][a-z0-9.-]{0,12}[a-z0-9]", fullmatch=True)
VALUES = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9=,/._:-]{0,16}", fullmatch=True).filter(lambda one: not one.endswith(":"))
TAINTS = st.fixed_dictionaries(
    {"key": NAMES, "effect": st.sampled_from(["NoSchedule", "NoExecute"])}, optional={"value": NAMES}
)
REGISTRATIONS = st.fixed_dictionaries(
    {},
    optional={
        "name": NAMES,
        "criSocket": st.just("unix:///run/crio/crio.sock"),
        "taints": st.lists(TAINTS, max_size=3),
        "kubeletExtraArgs": st.dictionaries(NAMES, VALUES, max_size=3)
        | st.lists(st.fixed_dictionaries({"name": NAMES, "value": VALUES}), max_size=3, unique_by=str),
        "ignorePreflightErrors": st.lists(NAMES, max_size=2),
    },
)


@given(REGISTRATIONS, st.sampled_from([None, True, False]), st.sampled_from([None, "'", '"']))
@settings(max_examples=300, deadline=None)
def test_what_a_whole_parser_of_yaml_reads_is_read(
    registration: dict[str, Any], flow: bool | None, quote: str | None
) -> None:
    """Our reading of a part of YAML against PyYAML, in block and inline forms, with quotes and without."""
    document = {"kind": "JoinConfiguration", "discovery": {"token": "a.b"}, "nodeRegistration": registration}
    text = yaml.safe_dump(document, default_flow_style=flow, default_style=quote, width=10_000)
    extra = registration.get("kubeletExtraArgs") or {}
    flags = dict(extra) if isinstance(extra, dict) else {one["name"]: one["value"] for one in extra}
    taints = [
        f"{t['key']}{'=' + t['value'] if 'value' in t else ''}:{t['effect']}" for t in registration.get("taints", [])
    ]
    if taints:
        flags.setdefault("register-with-taints", ",".join(taints))
    found = read(text)
    assert (found.name, found.flags) == (registration.get("name"), flags), text
    assert found.socket == registration.get("criSocket", "")
