"""Binary installations: the block edits the ExecStart= that counts, and takes older flags out of where they are kept."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import pytest

from ackpatch.rehearse import Rehearsal, rehearse, view
from ackpatch.rehearse.systemd_unit import directives
from ackpatch.splice.prologue import prologue

from .arguments import problems
from .ground import ALL_FOUR, LABELS, PROVIDER_ID, REGION_ID, TAINTS

UNIT = "/etc/systemd/system/kubelet.service"
LIBRARY = "/usr/lib/systemd/system/kubelet.service"
DROP_IN = UNIT + ".d/10-own.conf"
OPTIONS = "/etc/kubernetes/kubelet.conf"
HEAD = "[Unit]\nDescription=kubelet --node-labels=not=me\nAfter=containerd.service\n\n[Service]\n"
TAIL = "Restart=always\nExecStop=/bin/kill --provider-id=not-me $MAINPID\nExecStartPre=/bin/mkdir -p /var/lib/kubelet\n\n[Install]\nWantedBy=multi-user.target\n"
OURS = (
    "--node-labels=zone=old,keep=1 --register-with-taints=dedicated=old:NoSchedule,keep=1:NoExecute "
    "--hostname-override=old.example.com --provider-id=aws:///i-0"
)
SHARED = {
    **ALL_FOUR,
    LABELS: "zone=new,keep=,a.b/c=d",
    TAINTS: "dedicated=new:NoSchedule,keep:NoExecute,keep=2:NoSchedule",
}
VALUES = {
    "all four": ALL_FOUR,
    "shared keys": SHARED,
    "provider ID only": {PROVIDER_ID: REGION_ID},
}
KUBELET = "/usr/bin/kubelet"
STARTS = {
    "alone": "ExecStart=/usr/bin/kubelet\n",
    "one line": "ExecStart=/usr/bin/kubelet --v=2 --max-pods=9\n",
    "other folder": "ExecStart=/opt/kubernetes/bin/kubelet --v=2\n",
    "spaces": "  ExecStart =  /usr/bin/kubelet   --v=2\t--max-pods=9  \n",
    "continued": "ExecStart=/usr/bin/kubelet \\\n  --v=2 \\\n  --max-pods=9\n",
    "continued at once": "ExecStart=\\\n  /usr/bin/kubelet \\\n  --v=2\n",
    "ends continued": "ExecStart=/usr/bin/kubelet \\\n  --v=2 \\\n\n",
    "flags": f"ExecStart=/usr/bin/kubelet {OURS} --v=2\n",
    "flags, space form": f"ExecStart=/usr/bin/kubelet {OURS.replace('=', ' ', 1).replace('ride=', 'ride ').replace('-id=', '-id ').replace('taints=', 'taints ')} --v=2\n",
    "flags, underscores": "ExecStart=/usr/bin/kubelet --node_labels=zone=old --hostname_override old --v=2 --register_with_taints=keep=1:NoExecute\n",
    "flags, continued": "ExecStart=/usr/bin/kubelet \\\n  " + OURS.replace(" ", " \\\n  ") + " \\\n  --v=2\n",
    "a flag's value on its own line": "ExecStart=/usr/bin/kubelet --node-labels \\\n  zone=old \\\n  --v=2\n",
    "flag last of all": "ExecStart=/usr/bin/kubelet --v=2 \\\n  --node-labels=zone=old\n",
    "quoted flags": "ExecStart=/usr/bin/kubelet \"--node-labels=zone=old\" '--provider-id=x' --a=\"x y\" --node-labels='keep=1'\n",
    "quoted program": 'ExecStart="/usr/bin/kubelet" --v=2\n',
    "prefixed": "ExecStart=-/usr/bin/kubelet --v=2\n",
    "percent and dollar": "ExecStart=/usr/bin/kubelet --a=%%x --b=$$x --hostname-override=%H --v=2\n",
    "backslash": 'ExecStart=/usr/bin/kubelet --a="x\\\\y" --v=2\n',
    "reset in the unit": "ExecStart=/bin/false\nExecStart=\nExecStart=/usr/bin/kubelet --v=2\n",
    "sh -c": 'ExecStart=/bin/sh -c "/usr/bin/kubelet --v=2 --max-pods=9"\n',
    "sh -c, exec": "ExecStart=/bin/sh -c 'exec /usr/bin/kubelet --v=2 --node-labels=zone=old'\n",
    "sh -c, flag last of all": 'ExecStart=/bin/bash -c "/usr/bin/kubelet --v=2 --node-labels=zone=old"\n',
    "sh -c, kubelet alone": 'ExecStart=/bin/sh -c "/usr/bin/kubelet"\n',
    "not read variables": "Environment=OTHER=--node-labels=not=me\nExecStart=/usr/bin/kubelet --v=2\n",
    "variable": 'Environment="KUBELET_OPTS=--v=2 --node-labels=zone=old"\nExecStart=/usr/bin/kubelet $KUBELET_OPTS\n',
    "variables": 'Environment="A=--v=2" "B=--node-labels=zone=old"\nExecStart=/usr/bin/kubelet $A $B --b=1\n',
    "comment above": "# ExecStart=/usr/bin/kubelet --v=9\n;ExecStart=/usr/bin/kubelet --v=8\nExecStart=/usr/bin/kubelet --v=2\n",
}  # fmt: skip
FILES = {
    "one line": b'KUBELET_OPTS="--v=2 --node-labels=zone=old --max-pods=9"\n',
    "continued": b'KUBELET_OPTS="--v=2 \\\n--hostname-override=old \\\n--node-labels=zone=old,keep=1 \\\n--max-pods=9"\n',
    "continued, flag first": b'KUBELET_OPTS="--hostname-override=old \\\n--v=2"\n',
    "continued, flag last": b'KUBELET_OPTS="--v=2 \\\n--hostname-override=old"\n',
    "continued, no quotes": b"KUBELET_OPTS=--v=2 \\\n  --hostname-override=old \\\n  --max-pods=9\n",
    "single quotes": b"KUBELET_OPTS='--v=2 --hostname-override old --provider_id=x'\n",
    "only the flag": b'KUBELET_OPTS="--hostname-override=old"\n',
    "only the flag, bare": b"KUBELET_OPTS=--hostname-override=old\n",
    "quoted inside": b"KUBELET_OPTS=--v=2 --node-labels=\"zone=old\" --provider-id='x'\n",
    "other lines": b'# KUBELET_OPTS="--hostname-override=c"\n\nOTHER=1\nKUBELET_OPTS="--v=2 --hostname-override=old"\nLAST=2',
    "nothing of ours": b"KUBELET_OPTS=--v=2\n# no final newline",
    "none": b"",
    "CRLF": b'KUBELET_OPTS="--v=2 --hostname-override=old"\r\n',
}


def before_and_after(
    files: Mapping[str, bytes], values: Mapping[str, str] = ALL_FOUR, systemd: int = 252, family: str = "binary"
) -> tuple[Rehearsal, Rehearsal]:
    """The start without the block, and with it called twice."""
    script = prologue("binary") + "ackpatch_kubelet\nackpatch_kubelet\nsystemctl restart kubelet\n"
    new = rehearse(script.encode(), env=values, family=family, files=files, shell=["dash"], systemd=systemd)
    return without_values(tuple(sorted(files.items())), systemd, family), new


@functools.cache
def without_values(files: tuple[tuple[str, bytes], ...], systemd: int, family: str) -> Rehearsal:
    return rehearse(b"systemctl restart kubelet\n", family=family, files=dict(files), systemd=systemd)


def require(old: Rehearsal, new: Rehearsal, values: Mapping[str, str] = ALL_FOUR) -> None:
    assert (new.exit_status, new.stderr, old.exit_status) == (0, b"", 0)
    (was,), (now,) = old.starts, new.starts
    assert (was.error, now.error) == (None, None)
    assert now.argv[0] == was.argv[0]
    text = "\n".join(problems(was.argv[1:], now.argv[1:], values))
    assert text == "", f"{text}\n{now.argv}\n" + "\n".join(state.content.decode() for state in new.files.values())
    assert ("systemctl", "daemon-reload") in [call.argv for call in new.calls]


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_exec_start(start: str, values: dict[str, str]) -> None:
    text = HEAD + start + TAIL
    old, new = before_and_after({UNIT: text.encode()}, values)
    require(old, new, values)
    content = new.files[UNIT].content
    assert content.startswith(HEAD.encode())
    assert content.endswith(TAIL.encode())
    assert other_keys(content) == other_keys(text.encode())


def other_keys(content: bytes) -> list[tuple[str, str, str]]:
    found = [(item.section, item.key, item.value) for item in directives(content, 252)]
    return [item for item in found if item[1] not in ("ExecStart", "Environment")]


@pytest.mark.parametrize("systemd", [219, 239, 252])
@pytest.mark.parametrize(
    "name", ["one line", "continued", "flags", "flags, continued", "quoted flags", "sh -c", "variable"]
)
def test_every_systemd_reads_the_result(name: str, systemd: int) -> None:
    require(*before_and_after({UNIT: (HEAD + STARTS[name] + TAIL).encode()}, systemd=systemd))


@pytest.mark.parametrize("systemd", [242, 252])
@pytest.mark.parametrize("comment", ["# --node-labels=not=me", "; text", "#"])
def test_comments_between_continued_lines(comment: str, systemd: int) -> None:
    """From version 242 on they are skipped."""
    start = f"ExecStart=/usr/bin/kubelet \\\n{comment}\n  --v=2 \\\n{comment}\n  --node-labels=zone=old\n"
    old, new = before_and_after({UNIT: (HEAD + start + TAIL).encode()}, systemd=systemd)
    require(old, new)
    assert new.files[UNIT].content.count(comment.encode() + b"\n") == 2


@pytest.mark.parametrize("ending", ["", "\n", "\n\n"])
def test_the_end_of_the_file(ending: str) -> None:
    old, new = before_and_after({UNIT: f"[Service]\nExecStart=/usr/bin/kubelet --v=2{ending}".encode()})
    require(old, new)


@pytest.mark.parametrize(
    "place", [DROP_IN, "/run/systemd/system/kubelet.service.d/x.conf", LIBRARY + ".d/10-kubeadm.conf"]
)
@pytest.mark.parametrize("unit", [UNIT, LIBRARY])
def test_a_drop_in_that_resets_is_what_counts(unit: str, place: str) -> None:
    text = (HEAD + STARTS["one line"] + TAIL).encode()
    files = {unit: text, place: b"[Service]\nExecStart=\nExecStart=/usr/bin/kubelet --v=3 --node-labels=zone=old\n"}
    old, new = before_and_after(files)
    require(old, new)
    assert unit not in new.files or new.files[unit].content == text


def test_a_drop_in_without_exec_start_leaves_the_unit_the_one() -> None:
    files = {
        UNIT: (HEAD + STARTS["variable"] + TAIL).encode(),
        DROP_IN: b'[Service]\nEnvironment="KUBELET_OPTS=--v=4 --provider-id=x"\n',
    }
    require(*before_and_after(files))


def test_flags_in_the_unit_that_a_drop_in_overrides_do_not_count() -> None:
    """Their labels were never kubelet's: they must not come back."""
    files = {
        UNIT: (HEAD + STARTS["flags"] + TAIL).encode(),
        DROP_IN: b"[Service]\nExecStart=\nExecStart=/usr/bin/kubelet --v=3\n",
    }
    require(*before_and_after(files))


@pytest.mark.parametrize("values", [ALL_FOUR, SHARED], ids=["all four", "shared keys"])
@pytest.mark.parametrize("dash", ["", "-"])
@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_flags_in_a_file_that_the_unit_names(content: bytes, dash: str, values: dict[str, str]) -> None:
    unit = HEAD + f"EnvironmentFile={dash}{OPTIONS}\nExecStart=/usr/bin/kubelet $KUBELET_OPTS --b=1\n" + TAIL
    old, new = before_and_after({UNIT: unit.encode(), OPTIONS: content}, values)
    require(old, new, values)
    if b"override" not in content and b"labels" not in content:
        assert OPTIONS not in new.files or new.files[OPTIONS].content == content


def test_one_flag_for_each_variable() -> None:
    unit = (
        HEAD
        + f"EnvironmentFile=-{OPTIONS}\nExecStart=/usr/bin/kubelet $KUBE_LOGTOSTDERR $KUBELET_HOSTNAME $KUBELET_ARGS $LABELS\n"
        + TAIL
    )
    content = b'KUBE_LOGTOSTDERR="--logtostderr=true"\nKUBELET_HOSTNAME="--hostname-override=old"\nKUBELET_ARGS=""\nLABELS=\'--node-labels=a=b\'\n'
    require(*before_and_after({UNIT: unit.encode(), OPTIONS: content}))


def test_a_value_in_a_variable_of_its_own() -> None:
    """``--hostname-override=${NODE_NAME}``: the flag goes, the variable may stay."""
    unit = (
        HEAD
        + f"EnvironmentFile=-{OPTIONS}\nExecStart=/usr/bin/kubelet --hostname-override=${{NODE_NAME}} --v=2\n"
        + TAIL
    )
    require(*before_and_after({UNIT: unit.encode(), OPTIONS: b"NODE_NAME=old\n"}))


@pytest.mark.parametrize(
    "flag", ["--node-labels=${LABELS}", "--node-labels ${LABELS}", "--register-with-taints=${TAINTS}"]
)
def test_a_list_in_a_variable_of_its_own(flag: str) -> None:
    unit = HEAD + f"EnvironmentFile=-{OPTIONS}\nExecStart=/usr/bin/kubelet {flag} --v=2\n" + TAIL
    require(*before_and_after({UNIT: unit.encode(), OPTIONS: b"LABELS=own=1\nTAINTS=own=1:NoSchedule\n"}))


@pytest.mark.parametrize(
    "program", ["/usr/bin/dockerd", "/usr/bin/kube-proxy", "/bin/sh -c 'sleep 1'", "/opt/start.sh"]
)
def test_a_program_that_is_not_kubelet(program: str) -> None:
    unit = (HEAD + f"ExecStart={program} --config=/etc/kubelet/x\n" + TAIL).encode()
    script = (prologue("binary") + "ackpatch_kubelet\ntouch /root/went-on\n").encode()
    rehearsal = rehearse(script, env=ALL_FOUR, family="binary", files={UNIT: unit}, shell=["dash"])
    assert rehearsal.exit_status == 1
    assert b"ackpatch: " in rehearsal.stderr
    assert b"ExecStart" in rehearsal.stderr
    assert b"not kubelet" in rehearsal.stderr
    assert not rehearsal.files


def test_no_unit_yet() -> None:
    """A start has nothing that it could use then."""
    script = (prologue("binary") + "ackpatch_kubelet\n").encode()
    rehearsal = rehearse(script, env=ALL_FOUR, family="binary", shell=["dash"])
    assert (rehearsal.exit_status, dict(rehearsal.files), rehearsal.stderr) == (0, {}, b"")


def test_a_unit_without_exec_start() -> None:
    script = (prologue("binary") + "ackpatch_kubelet\ntouch /root/went-on\n").encode()
    rehearsal = rehearse(
        script, env=ALL_FOUR, family="binary", files={UNIT: b"[Service]\n#ExecStart=/usr/bin/kubelet\nExecStart=\n"}
    )
    assert (rehearsal.exit_status, dict(rehearsal.files)) == (1, {})
    assert b"ackpatch: no ExecStart= was found for kubelet\n" in rehearsal.stderr


@pytest.mark.parametrize("shell", [["bash"], ["bash", "--posix"], ["dash"]], ids=["bash", "posix", "dash"])
@pytest.mark.parametrize("options", [
    "set -eu", "set -f -C", "IFS=,", "IFS=abcdelk/.", "IFS=", "umask 0777", "alias awk='awk -v x=1' grep='grep -v' sed='sed -E' cp='cp -i' cat='cat -n'",
    "\n".join(f"{name}() {{ return 9; }}" for name in ["awk", "sed", "cat", "grep", "sort", "tail", "mktemp", "cp", "mv", "systemctl", "printf"]),
    "set -- keep 3",
    "\n".join(f"{name}=mine; readonly {name}" for name in ["file", "unit", "units", "target", "new", "found", "folder", "name", "P", "N", "L", "T", "I", "TAINTS", "LABELS", "PART"]),
])  # fmt: skip
def test_whatever_the_script_has_set(options: str, shell: list[str]) -> None:
    files = {UNIT: (HEAD + STARTS["flags, continued"] + TAIL).encode(), OPTIONS: b""}
    aliases = '[ -z "${BASH_VERSION-}" ] || shopt -s expand_aliases\n'
    script = f"{aliases}{options}\n{prologue('binary')}ackpatch_kubelet\n/usr/bin/systemctl restart kubelet\n".encode()
    old = rehearse(b"/usr/bin/systemctl restart kubelet\n", family="binary", files=files)
    require(old, rehearse(script, env=ALL_FOUR, family="binary", files=files, shell=shell))


def test_mode_of_the_unit_stays_and_nothing_is_left_over() -> None:
    script = "chmod 0600 " + UNIT + "\n" + prologue("binary") + "ackpatch_kubelet\n"
    rehearsal = rehearse(
        script.encode(), env=ALL_FOUR, family="binary", files={UNIT: (HEAD + STARTS["alone"] + TAIL).encode()}
    )
    assert rehearsal.files[UNIT].mode & 0o7777 == 0o600
    assert list(rehearsal.files) == [UNIT]


def test_the_result_names_each_value_once() -> None:
    _, new = before_and_after({UNIT: (HEAD + STARTS["alone"] + TAIL).encode()})
    assert {
        view(new.starts[0].argv).counts[f"--{flag}"] for flag in ("provider-id", "hostname-override", "node-labels")
    } == {1}
