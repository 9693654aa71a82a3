"""What of a kubeadm configuration file reaches kubelet."""

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
