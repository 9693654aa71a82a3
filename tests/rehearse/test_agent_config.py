"""The reader of an agent's settings: the order of its files, lists and single values, what it gives kubelet."""

from __future__ import annotations

import pytest
import yaml

from ackpatch.rehearse.agent_config import kubelet_arguments, read_yaml, settings, worker_arguments

CONFIG = "/etc/rancher/k3s/config.yaml"


def files(**texts: str) -> dict[str, bytes]:
    names = {"main": CONFIG}
    return {names.get(name, f"{CONFIG}.d/{name}.yaml"): text.encode() for name, text in texts.items()}


def words(given: dict[str, bytes], *arguments: str, **variables: str) -> list[str]:
    return kubelet_arguments("k3s", arguments, given, variables, "host-1")


def test_files_come_in_order_and_the_last_value_counts() -> None:
    given = files(main="node-name: a\ntoken: t\n", b="node-name: c\n", a="node-name: b\n")
    assert settings(given, CONFIG) == {"node-name": ["c"], "token": ["t"]}
    assert words(given) == ["--hostname-override=c"]


def test_a_plus_adds_and_a_plain_key_throws_away() -> None:
    given = files(main="node-label: [a=1, b=2]\n", a="node-label+:\n- c=3\n")
    assert settings(given, CONFIG)["node-label"] == ["a=1", "b=2", "c=3"]
    given |= files(b="node-label: d=4\n")
    assert settings(given, CONFIG)["node-label"] == ["d=4"]


def test_the_command_line_counts_for_single_values_and_adds_to_lists() -> None:
    given = files(main="node-name: a\nnode-label: a=1\n")
    found = words(given, "--node-name", "B", "--node-label=b=2", "--node-label", "c=3")
    assert found == ["--hostname-override=b", "--node-labels=a=1,b=2,c=3"]


def test_a_file_beats_the_variable_of_the_name() -> None:
    assert words({}, K3S_NODE_NAME="x") == ["--hostname-override=x"]
    assert words(files(main="node-name: a\n"), K3S_NODE_NAME="x") == ["--hostname-override=a"]
    assert words({}) == ["--hostname-override=host-1"]


def test_the_file_can_be_another_one() -> None:
    given = {"/opt/x.yaml": b"node-name: a\n", "/opt/x.yaml.d/z.yml": b"node-taint+: [k=v:NoSchedule]\n"}
    for found in (words(given, "--config", "/opt/x.yaml"), words(given, "-c=/opt/x.yaml")):
        assert found == ["--hostname-override=a", "--register-with-taints=k=v:NoSchedule"]


def test_an_argument_of_kubelet_drops_what_the_agent_made() -> None:
    given = files(main="node-taint: [a=b:NoSchedule]\nkubelet-arg: [register-with-taints=c=d:NoExecute]\n")
    assert words(given) == ["--hostname-override=host-1", "--register-with-taints=c=d:NoExecute"]
    assert words({}, "--kubelet-arg=provider-id=x", "--kubelet-arg", "provider-id=y")[-1] == "--provider-id=y"


def test_a_node_id_changes_the_name() -> None:
    assert words({}, "--with-node-id")[0].startswith("--hostname-override=host-1-")
    assert words(files(z="with-node-id: false\n", main="with-node-id: true\n")) == ["--hostname-override=host-1"]


def test_an_empty_item_is_an_error() -> None:
    with pytest.raises(ValueError, match="empty item"):
        words(files(main="node-taint: ['']\n"))


@pytest.mark.parametrize(
    "text",
    [
        "a: b\nc:\n- d\n- 'e: f'\n",
        "# only\na: 'x # y' # z\nb: [c, 'd']\n",
        '---\na:\n  - b\n  - "c d"\n',
        "kubelet-arg+:\n- 'provider-id=a.b'\n- 'provider-id=a.b'\n",
        "a: it''s\n".replace("it''s", "'it''s'"),
    ],
)
def test_it_reads_as_a_yaml_library_does(text: str) -> None:
    known = {key: value if isinstance(value, list) else [str(value)] for key, value in yaml.safe_load(text).items()}
    assert read_yaml(text) == known


@pytest.mark.parametrize(
    "text", ["a: {b: c}\n", "- a\n", "a:\n  b: c\n", "a: |\n", "a: b\na: c\n", "a: [b\n", "a: &x b\n"]
)
def test_what_it_does_not_understand_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_yaml(text)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--token-file", "f"], ["--hostname-override=host-1"]),
        (["--labels=a=1,b=2", "--labels", "a=3"], ["--node-labels=a=3,b=2", "--hostname-override=host-1"]),
        (["--kubelet-extra-args=--hostname-override= --v=2"], ["--hostname-override=host-1", "--v=2"]),
        (["--kubelet-extra-args", "--node-labels=a=1 --node-labels=b=2"],
         ["--node-labels=b=2", "--hostname-override=host-1"]),
        (["--taints=a:NoSchedule", "--taints=b:NoExecute"],
         ["--hostname-override=host-1", "--register-with-taints=a:NoSchedule,b:NoExecute"]),
    ],
)  # fmt: skip
def test_a_worker_of_k0s_takes_its_options(arguments: list[str], expected: list[str]) -> None:
    assert worker_arguments(arguments, "host-1") == expected
