"""The checker of the four values: what it refuses, leaves out, unites, and that it leaves no trace without values."""

from __future__ import annotations

import os
import re
import string
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ackpatch.rehearse import node_rules, rehearse
from ackpatch.splice.prologue import prologue

from .arguments import taints
from .ground import ALL_FOUR, LABELS, NAME, PROVIDER_ID, REGION_ID, TAINTS, block, run, shells

SHOW = 'echo acted >acted\nprintf "%s\\n" "$ackpatch_provider_id" "$ackpatch_node_name" "$ackpatch_labels" "$ackpatch_taints"\n'
ALLOWED = string.ascii_letters + string.digits + "._/=:,-"
HOSTILE = [
    "a=b\nExecStartPre=/bin/x", "a=b\n", "\na=b", "a=b\r", "a=b;touch pwned", "a=$(touch pwned)", "a=`touch pwned`",
    'a="b"', "a='b'", "a=%i", "a=b&touch pwned", "x;CMD@e;#", "a=b@c", "a=\\b", "a=b c", " a=b", "a=b ", "a=b\tc",
    "a=${HOME}", "a=$HOME", "a=*", "a=?", "a=[b]", "a=~", "~", "a=b#c", "a=!b", "a={b,c}", "a=<b", "a=>pwned", "a=b|touch pwned",
    "a=(b)", "a=b+c", "a=b^c", "a=\x01", "a=\x7f", "a=\x1b[31m", "a=é", "a=ａ", "a=٣", "a=\u00a0b", "a=\u2028b", "a=\udcff", "a=\udcc3",
]  # fmt: skip
PREAMBLES = {
    "plain": "",
    "strict": "set -eu -f -C",
    "IFS comma": "IFS=,",
    "IFS letters": "IFS=abcdefghijklmnopqrstuvwxyz.:/=-",
    "locale": "LC_ALL=C; export LC_ALL",
    "bash options": '[ -z "${BASH_VERSION-}" ] || shopt -s nocasematch nocaseglob extglob nullglob failglob',
    "read-only": "\n".join(
        f"{name}=mine; readonly {name}"
        for name in ["name", "key", "value", "item", "rest", "kind", "one", "all", "why"]
    ),
}
REFUSED_LABELS = [
    "kubernetes.io/role", "kubernetes.io/Hostname", "kubernetes.io/hostname2", "kubernetes.io/host", "a.kubernetes.io/x",
    "kubernetes.io/instance-type", "kubernetes.io/zone", "beta.kubernetes.io/zone", "beta.kubernetes.io/hostname",
    "topology.kubernetes.io/zones", "topology.kubernetes.io/hostname", "topology.beta.kubernetes.io/zone",
    "failure-domain.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/arch", "xnode.kubernetes.io/a",
    "xkubelet.kubernetes.io/a", "node-role.kubernetes.io/worker", "node-restriction.kubernetes.io/a", "k8s.io/a", "a.k8s.io/b",
    "kubelet.k8s.io/a", "a.kubernetes.io/kubelet.kubernetes.io",
]  # fmt: skip
ALLOWED_LABELS = [
    *node_rules.ALLOWED_KEYS, "kubelet.kubernetes.io/a", "node.kubernetes.io/a", "a.kubelet.kubernetes.io/b", "a.b.node.kubernetes.io/c",
    "xkubernetes.io/a", "xk8s.io/a", "kubernetes.io.example.com/a", "node.kubernetes.io", "kubernetes.io", "alibabacloud.com/nodepool-id",
    "ack.aliyun.com", "a", "A_b.c-D",
]  # fmt: skip


def check(
    shell: list[str], folder: Path, values: Mapping[str, str], preamble: str = "", **more: str
) -> subprocess.CompletedProcess[str]:
    (folder / "acted").unlink(missing_ok=True)
    return run(shell, f"{preamble}\n{block(None)}{SHOW}", folder, values, **more)


def checked(shell: list[str], folder: Path, values: Mapping[str, str]) -> list[str]:
    """Provider ID, name, labels and taints as they come out; nothing may be said."""
    ended = check(shell, folder, values)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.splitlines()


def refusal(ended: subprocess.CompletedProcess[str], folder: Path, variable: str) -> str | None:
    """Why this is no proper refusal, or None."""
    lines = ended.stderr.splitlines()
    if ended.returncode != 1 or ended.stdout:
        return f"status {ended.returncode}, output {ended.stdout!r}"
    if len(lines) != 1 or not ended.stderr.endswith("\n") or variable not in lines[0] or "ackpatch" not in lines[0]:
        return f"message {ended.stderr!r}"
    if sorted(os.listdir(folder)) != ["script.sh"]:
        return f"something ran: {os.listdir(folder)}"
    return None


@pytest.mark.parametrize("preamble", PREAMBLES.values(), ids=PREAMBLES)
@pytest.mark.parametrize("shell", shells())
def test_a_hostile_value_ends_the_script_before_it_acts(shell: list[str], preamble: str, tmp_path: Path) -> None:
    wrong = {}
    for variable in ALL_FOUR:
        for value in HOSTILE if preamble == "" else HOSTILE[:12]:
            ended = check(shell, tmp_path, {**ALL_FOUR, variable: value}, preamble)
            wrong[variable, value] = refusal(ended, tmp_path, variable)
    assert {key: text for key, text in wrong.items() if text} == {}


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX", "en_US.UTF-8", "tr_TR.UTF-8"])
@pytest.mark.parametrize("shell", shells())
def test_only_ascii_passes_in_any_locale(shell: list[str], locale: str, tmp_path: Path) -> None:
    for value in ("a=é", "a=ı", "a=İ", "a=ａ", "a=Ａ", "a=\udce9", "é"):
        ended = check(shell, tmp_path, {**ALL_FOUR, LABELS: value, "LC_ALL": locale})
        ended.stderr = "".join(line for line in ended.stderr.splitlines(keepends=True) if "setlocale" not in line)
        assert refusal(ended, tmp_path, LABELS) is None


@pytest.mark.parametrize("shell", shells())
def test_each_ascii_character(shell: list[str], tmp_path: Path) -> None:
    passed = ""
    for number in range(1, 128):
        ended = check(shell, tmp_path, {PROVIDER_ID: f"a{chr(number)}a"})
        passed += chr(number) if ended.returncode == 0 else ""
    # A comma or an equals sign would make two values of one.
    assert sorted(passed) == sorted(set(ALLOWED) - set(",="))


@pytest.mark.parametrize("shell", shells())
@pytest.mark.parametrize(
    "name", ["-a", "a-", ".a", "a.", "a_b", "a/b", "a=b", "a:b", "a,b", "A,", "-", ".", ",", "--v=2"]
)
def test_illegal_node_names(shell: list[str], name: str, tmp_path: Path) -> None:
    assert refusal(check(shell, tmp_path, {**ALL_FOUR, NAME: name}), tmp_path, NAME) is None


@pytest.mark.parametrize("shell", shells())
@pytest.mark.parametrize("name", ["A.b", "a..b", "a.-b", "a-.b"])
def test_node_names_that_the_api_refuses(shell: list[str], name: str, tmp_path: Path) -> None:
    """A Node's name is a lower-case DNS subdomain; kubelet itself lowers only a host name, not the flag's value."""
    assert refusal(check(shell, tmp_path, {**ALL_FOUR, NAME: name}), tmp_path, NAME) is None


@pytest.mark.parametrize("shell", shells())
@pytest.mark.parametrize("value", ["-a", "--v=9", "a,b", "a=b", ",a", "=", ",", "/a", ".a", ":a"])
def test_illegal_provider_ids(shell: list[str], value: str, tmp_path: Path) -> None:
    assert refusal(check(shell, tmp_path, {**ALL_FOUR, PROVIDER_ID: value}), tmp_path, PROVIDER_ID) is None


@pytest.mark.parametrize("shell", shells())
@pytest.mark.parametrize(
    "values", [{NAME: "a.b"}, {LABELS: "a=b"}, {TAINTS: "a:NoSchedule"}, {**ALL_FOUR, PROVIDER_ID: ""}]
)
def test_others_without_the_provider_id(shell: list[str], values: dict[str, str], tmp_path: Path) -> None:
    assert refusal(check(shell, tmp_path, values), tmp_path, PROVIDER_ID) is None


@pytest.mark.parametrize("shell", shells())
def test_the_old_spelling_is_no_provider_id(shell: list[str], tmp_path: Path) -> None:
    values = {"ALIBABA_CLOUD_PROVIDE_ID": REGION_ID, LABELS: "a=b"}
    assert refusal(check(shell, tmp_path, values), tmp_path, PROVIDER_ID) is None


@pytest.mark.parametrize("preamble", PREAMBLES.values(), ids=PREAMBLES)
@pytest.mark.parametrize("shell", shells())
def test_good_values_pass_unchanged(shell: list[str], preamble: str, tmp_path: Path) -> None:
    ended = check(shell, tmp_path, ALL_FOUR, preamble)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == list(ALL_FOUR.values())


@pytest.mark.parametrize("shell", shells())
@pytest.mark.parametrize(
    ("given_labels", "expected"),
    [
        ("", ""), (",", ""), (",,,", ""), ("a=b,", "a=b"), (",a=b", "a=b"), ("a=b,,c=d", "a=b,c=d"), ("a=", "a="), ("a=1,a=2", "a=2"),
        ("a=1,b=2,a=3", "b=2,a=3"), ("a=1,a=,b=2", "a=,b=2"), ("a.b/c=d-e_f.g", "a.b/c=d-e_f.g"), ("a=1,a=1", "a=1"),
        ("a=1,ab=2,a.b=3", "a=1,ab=2,a.b=3"), ("A=1,a=2", "A=1,a=2"),
    ],
)  # fmt: skip
def test_labels(shell: list[str], given_labels: str, expected: str, tmp_path: Path) -> None:
    assert checked(shell, tmp_path, {**ALL_FOUR, LABELS: given_labels})[2] == expected


@pytest.mark.parametrize("shell", shells())
@pytest.mark.parametrize(
    ("given_taints", "expected"),
    [
        ("", ""), (",", ""), (",,,", ""), ("a:NoSchedule,", "a:NoSchedule"), (",a:NoSchedule", "a:NoSchedule"),
        ("a=1:NoSchedule,a=2:NoSchedule", "a=2:NoSchedule"), ("a=1:NoSchedule,a:NoSchedule", "a:NoSchedule"),
        ("a=1:NoSchedule,a=1:NoExecute", "a=1:NoSchedule,a=1:NoExecute"), ("a=:PreferNoSchedule", "a=:PreferNoSchedule"),
        ("a.b/c=d:NoExecute,,b:NoExecute", "a.b/c=d:NoExecute,b:NoExecute"),
        ("a:NoSchedule,ab:NoSchedule,a/b:NoSchedule", "a:NoSchedule,ab:NoSchedule,a/b:NoSchedule"),
    ],
)  # fmt: skip
def test_taints(shell: list[str], given_taints: str, expected: str, tmp_path: Path) -> None:
    assert checked(shell, tmp_path, {**ALL_FOUR, TAINTS: given_taints})[3] == expected


@pytest.mark.parametrize("preamble", ["", PREAMBLES["bash options"]], ids=["plain", "nocasematch"])
@pytest.mark.parametrize("shell", shells())
def test_bad_taints_end_the_script(shell: list[str], preamble: str, tmp_path: Path) -> None:
    bad = ["a", "a=b", "a:", "a=b:", ":NoSchedule", "=b:NoSchedule", "a:noschedule", "a:NOSCHEDULE", "a:NoSchedules", "a:NoEvict",
           "a:xNoSchedule", "a:PreferNoExecute", "a:b:NoSchedule", "a=b:c:NoSchedule", "a=b=c:NoSchedule", "-a:NoSchedule", "a-:NoSchedule",
           "a=-b:NoSchedule", "a=b/c:NoSchedule", "/a:NoSchedule", "a/:NoSchedule", "a/b/c:NoSchedule", "A/b:NoSchedule", "a:NoSchedule-",
           "a-", "x" * 64 + ":NoSchedule", "a=" + "x" * 64 + ":NoSchedule", "b:NoSchedule,a", "a,b:NoSchedule"]  # fmt: skip
    wrong = {
        value: refusal(check(shell, tmp_path, {**ALL_FOUR, TAINTS: value}, preamble), tmp_path, TAINTS) for value in bad
    }
    assert {key: text for key, text in wrong.items() if text} == {}


@pytest.mark.parametrize("preamble", ["", PREAMBLES["bash options"]], ids=["plain", "nocasematch"])
@pytest.mark.parametrize("shell", shells())
def test_labels_on_which_kubelet_would_exit_are_left_out(shell: list[str], preamble: str, tmp_path: Path) -> None:
    text = ",".join(f"{key}=v" for key in REFUSED_LABELS)
    ended = check(shell, tmp_path, {**ALL_FOUR, LABELS: f"first=1,{text},last=2"}, preamble)
    assert ended.returncode == 0
    assert ended.stdout.splitlines()[2] == "first=1,last=2"
    lines = ended.stderr.splitlines()
    assert len(lines) == len(REFUSED_LABELS)
    for key, line in zip(REFUSED_LABELS, lines, strict=True):
        assert LABELS in line
        assert f"{key}=v" in line


@pytest.mark.parametrize("shell", shells())
def test_labels_that_kubelet_takes(shell: list[str], tmp_path: Path) -> None:
    text = ",".join(f"{key}=v" for key in ALLOWED_LABELS)
    assert checked(shell, tmp_path, {**ALL_FOUR, LABELS: text})[2] == text


@pytest.mark.parametrize("shell", shells())
@pytest.mark.parametrize("label", [
    "a", "=b", "-a=b", "a-=b", "a=-b", "a=b-", "a=b/c", "a=b=c", "a=b:c", "a:b=c", "/a=b", "a/=b", "a/b/c=d", "A/b=c", "a_b/c=d", "-a/b=c",
    "a-/b=c", "a..b/c=d", ".a/b=c", "a./b=c", "x" * 64 + "=a", "a=" + "x" * 64, "a/" + "x" * 64 + "=b", "a" * 254 + "/b=c", "a.-b/c=d",
])  # fmt: skip
def test_illegal_labels_are_left_out(shell: list[str], label: str, tmp_path: Path) -> None:
    """A newer kubelet exits on these, the API server of an older one refuses the Node."""
    ended = check(shell, tmp_path, {**ALL_FOUR, LABELS: f"{label},z=1"})
    assert (ended.returncode, ended.stdout.splitlines()[2]) == (0, "z=1")
    assert ended.stderr.count("\n") == 1


def words_of(*alphabet: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(alphabet), min_size=1, max_size=6).map("".join)


PIECES = words_of(
    "a", "B", "0", ".", "-", "_", "/", "=", ":", "kubernetes.io/", "node.", "k8s.io", "=v", "hostname", "NoSchedule"
)
EXAMPLES = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("shell", shells())
@EXAMPLES
@given(st.lists(PIECES, min_size=1, max_size=12))
def test_any_labels(shell: list[str], tmp_path: Path, items: list[str]) -> None:
    """Exactly those pass that kubelet takes."""
    ended = check(shell, tmp_path, {**ALL_FOUR, LABELS: ",".join(items)})
    kept: dict[str, str] = {}
    for item in items:
        key, equals, value = item.partition("=")
        if equals and node_rules.label_problem(key, value) is None:
            kept[key] = value
    assert ended.returncode == 0
    assert node_rules.labels(ended.stdout.splitlines()[2]) == kept


TAINT = st.builds(
    "{}{}:{}".format,
    words_of("a", "b", "c.d/", "-", "B"),
    st.sampled_from(["", "=", "=v", "=w", "=-", "=v.w"]),
    st.sampled_from(["NoSchedule", "NoExecute", "PreferNoSchedule", "NoSchedule", "NoExecute", "noExecute"]),
)


@pytest.mark.parametrize("shell", shells())
@EXAMPLES
@given(st.lists(TAINT, min_size=1, max_size=5))
def test_any_taints(shell: list[str], tmp_path: Path, items: list[str]) -> None:
    """One for each key and effect, or a refusal when kubelet would exit on one of them."""
    ended = check(shell, tmp_path, {**ALL_FOUR, TAINTS: ",".join(items)})
    if any(node_rules.taints_problem(item) for item in items):
        assert ended.returncode == 1
        assert ended.stderr.count("\n") == 1
        return
    assert (ended.returncode, ended.stderr) == (0, "")
    result = ended.stdout.splitlines()[3]
    assert node_rules.taints_problem(result) is None
    assert taints(result.split(",")) == taints(items)


# What of a shell's state may differ between two moments of any script.
RESTLESS = (
    "_=",
    "LINENO=",
    "RANDOM=",
    "SECONDS=",
    "EPOCH",
    "SRANDOM=",
    "BASH_",
    "BASHPID=",
    "PIPESTATUS=",
    "FUNCNAME=",
    "OPTIND=",
    "before",
)
BASH_STATE = (
    "compgen -v | while IFS= read -r name; do printf '\\036'; declare -p \"$name\"; done; "
    "compgen -A function | while IFS= read -r name; do printf '\\036%s()\\n' \"$name\"; done; "
    "printf '\\036'; set +o; shopt -p"
)
STATE = {"bash": BASH_STATE, "posix": BASH_STATE, "dash": "set; set +o"}
OWNERS = (
    "set -- one 'two words' '*'\nIFS=' ,'\nset -f -C\ntrap 'echo bye' EXIT\ntrap : INT\nalias ll='ls -l'\nmine() { :; }\n"
    "file=a unit=b target=c new=d old=e taints=f name=g P=1 N=2 L=3 T=4 I=5 item=6 rest=7 key=8\numask 027\n"
)


@pytest.mark.parametrize("empty", [False, True], ids=["unset", "empty"])
@pytest.mark.parametrize("runtime", ["kubeadm", "binary", "either", None])
@pytest.mark.parametrize("shell", ["bash", "posix", "dash"])
def test_without_values_nothing_at_all_happens(shell: str, runtime: str | None, empty: bool, tmp_path: Path) -> None:
    """No program could be run: PATH is an empty folder. No state of the shell is another afterwards."""
    (tmp_path / "tools").mkdir()
    calls = 'ackpatch_kubelet\nackpatch_kubelet config "$PWD/x"\nackpatch_kubelet keep 0\n' if runtime else ""
    look = f'{{ {STATE[shell]}; alias; trap; echo "$#" "$@"; umask; pwd; }}'
    composed = prologue(runtime, wraps=True, node_ip=True, join_config=True)
    script = f"{OWNERS}{look} >|before\n{composed}{calls}{look} >|after\n"
    command = {"bash": ["bash"], "posix": ["bash", "--posix"], "dash": ["dash"]}[shell]
    values = dict.fromkeys(ALL_FOUR, "") if empty else {}
    ended = run(command, script, tmp_path, values, path=str(tmp_path / "tools"))
    assert (ended.returncode, ended.stderr, ended.stdout) == (0, "", "bye\n")
    assert state(tmp_path / "after") == state(tmp_path / "before")


def state(file: Path) -> list[str]:
    """The state's records (a value may have several lines) without what is ours and what never rests."""
    kept = []
    for record in re.split(r"\x1e|\n(?=[A-Za-z_]\w*=)", file.read_text()):
        text = re.sub(r"^declare -\S+ ", "", record)
        if not text.startswith(("ackpatch_", *RESTLESS)):
            kept.append(record.rstrip("\n"))
    return kept


@pytest.mark.parametrize("runtime", ["kubeadm", "binary", "either"])
@pytest.mark.parametrize("shell", [["bash"], ["dash"]], ids=["bash", "dash"])
def test_without_values_no_program_is_called(shell: list[str], runtime: str) -> None:
    script = (
        prologue(runtime, wraps=True, node_ip=True, join_config=True) + "ackpatch_kubelet\nackpatch_kubelet keep 0\n"
    )
    for env in ({}, dict.fromkeys(ALL_FOUR, "")):
        rehearsal = rehearse(script.encode(), env=env, family="rpm+installed", shell=shell)
        assert (rehearsal.exit_status, rehearsal.calls, dict(rehearsal.files)) == (0, (), {})
        assert (rehearsal.stdout, rehearsal.stderr) == (b"", b"")


@pytest.mark.parametrize("shell", shells())
def test_values_of_that_name_from_outside_do_not_count(shell: list[str], tmp_path: Path) -> None:
    names = ("provider_id", "node_name", "labels", "taints", "node_ip")
    outside = {f"ackpatch_{name}": "x;touch pwned" for name in names}
    script = block(None, node_ip=True) + SHOW + 'echo "$ackpatch_node_ip"\n'
    assert run(shell, script, tmp_path, outside).stdout == "\n" * 5
    assert run(shell, script, tmp_path, {**outside, PROVIDER_ID: REGION_ID}).stdout == f"{REGION_ID}\n\n\n\n\n"


@pytest.mark.parametrize("shell", shells())
def test_the_four_variables_may_be_read_only(shell: list[str], tmp_path: Path) -> None:
    ended = check(shell, tmp_path, ALL_FOUR, "\n".join(f"readonly {name}" for name in ALL_FOUR))
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("shell", shells())
def test_no_program_is_needed_to_check(shell: list[str], tmp_path: Path) -> None:
    ended = check(shell, tmp_path, ALL_FOUR, path=str(tmp_path))
    assert ended.stdout.splitlines() == list(ALL_FOUR.values())


@pytest.mark.parametrize("shell", shells())
def test_united_lists_for_a_flag_that_was_there(shell: list[str], tmp_path: Path) -> None:
    wants = {
        "provider-id old": REGION_ID,
        "hostname-override old": "cn-hangzhou.192.168.1.5",
        "node-ip 10.0.0.1": "192.168.1.5",
        "node-labels zone=old,keep=1": "keep=1,alibabacloud.com/nodepool-id=np1,zone=new",
        "register-with-taints gpu=false:NoSchedule,gpu:NoExecute": "gpu:NoExecute,gpu=true:NoSchedule",
    }
    script = block(None, wraps=True, node_ip=True) + "".join(f"ackpatch_flag {words}; echo\n" for words in wants)
    assert run(shell, script, tmp_path, ALL_FOUR).stdout.splitlines() == list(wants.values())
    assert run(shell, script, tmp_path, {}).stdout.splitlines() == [words.split()[1] for words in wants]
