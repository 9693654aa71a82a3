"""Kubelet's own reading of its arguments."""

import pytest

from ackpatch.rehearse import view


def test_the_last_string_counts_and_both_spellings_are_counted() -> None:
    seen = view(["kubelet", "--provider-id=a", "--provider_id", "b", "--hostname-override=x", "--hostname_override=y"])
    assert (seen.provider_id, seen.hostname_override) == ("b", "y")
    assert seen.counts["--provider-id"] == seen.counts["--hostname-override"] == 2
    assert seen.counts["--node-labels"] == 0
    assert seen.exits is None


def test_an_empty_string_unsets() -> None:
    seen = view(["kubelet", "--provider-id=a", "--provider-id=", "--hostname-override="])
    assert (seen.provider_id, seen.hostname_override) == (None, None)


def test_labels_merge_and_the_same_key_is_taken_from_the_last() -> None:
    seen = view(["kubelet", "--node-labels=a=1,b=2", "--node-labels=b=3,,c", "--node-labels="])
    assert seen.labels == {"a": "1", "b": "3", "c": ""}
    assert seen.exits is None


def test_the_last_taints_replace_all_and_an_empty_flag_erases() -> None:
    first = "--register-with-taints=a=1:NoSchedule,b:NoExecute"
    assert view(["kubelet", first]).taints == ("a=1:NoSchedule", "b:NoExecute")
    assert view(["kubelet", first, "--register-with-taints=c:PreferNoSchedule"]).taints == ("c:PreferNoSchedule",)
    assert view(["kubelet", first, "--register-with-taints="]).taints == ()


@pytest.mark.parametrize(
    "words",
    [
        ["stray"],
        ["#"],
        [""],
        ["...."],
        ["--", "x"],
        ["--fail-swap-on", "false"],
        ["--provider-id"],
        ['--"x"=1'],
        ["-x"],
        ["--register-with-taints=,a:NoSchedule"],
        ["--register-with-taints=a:NoSchedule,"],
        ["--register-with-taints=a:Never"],
        ["--register-with-taints=a"],
        ["--register-with-taints=a=b=c:NoSchedule"],
        ["--register-with-taints=a:NoSchedule,a=1:NoSchedule"],
        ["--register-with-taints=bad", "--register-with-taints=a:NoSchedule"],
        ["--node-labels=kubernetes.io/role=x"],
        ["--node-labels=node-role.kubernetes.io/worker="],
        ["--node-labels=x.k8s.io/a=b"],
        ["--node-labels=a=b c"],
        ["--node-labels=a_=b"],
        ["--node-labels==b"],
        [f"--node-labels=a={'x' * 64}"],
    ],
)
def test_kubelet_would_exit(words: list[str]) -> None:
    assert view(["kubelet", "--v=2", *words]).exits is not None


@pytest.mark.parametrize(
    "words",
    [
        ["--fail-swap-on=false", "-v", "4", "-v=2"],
        ["--config", "/etc/x", "--cluster-dns", "10.0.0.10"],
        ["--node-labels=node.kubernetes.io/a=b,x.node.kubernetes.io/c=d,kubelet.kubernetes.io/e=f"],
        ["--node-labels=kubernetes.io/hostname=a,topology.kubernetes.io/zone=b,beta.kubernetes.io/arch=c"],
        ["--node-labels=failure-domain.beta.kubernetes.io/region=a,node.kubernetes.io/instance-type=b"],
        ["--node-labels=example.com/kubernetes.io=b,mykubernetes.io/a=b,alibabacloud.com/nodepool-id=np1"],
        ["--register-with-taints=a:NoSchedule,a:NoExecute"],
        ["--hostname-override=new,old", "--provider-id=new,old", "--node-ip=cn-shenzhen.192.168.1.5"],
    ],
)
def test_kubelet_would_run(words: list[str]) -> None:
    assert view(["kubelet", *words]).exits is None


def test_a_value_may_be_the_next_word_even_if_it_looks_like_a_flag() -> None:
    seen = view(["kubelet", "--node-labels", "--provider-id=a"])
    assert seen.provider_id is None


def test_node_ip_is_the_last_one() -> None:
    assert view(["kubelet", "--node-ip=1.2.3.4", "--node-ip=x"]).node_ip == "x"
