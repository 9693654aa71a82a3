"""The environment file: every state of it, under every shell and option, judged by systemd's and kubelet's rules."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from ackpatch.rehearse import view
from ackpatch.splice.prologue import prologue

from .arguments import VARIABLE, VERSIONS, extra_arguments, others, problems, variables
from .ground import (
    ALL_FOUR,
    AWKS,
    LABELS,
    NAME,
    NODE_NAME,
    PROVIDER_ID,
    REGION_ID,
    TAINTS,
    awk_path,
    block,
    needs,
    rooted,
    run,
    shells,
)
from .states import CORE, EMPTY, STATES, State

SYSCONFIG = "etc/sysconfig/kubelet"
VALUES = {
    "all four": ALL_FOUR,
    "no labels": {**ALL_FOUR, LABELS: ""},
    "no taints": {**ALL_FOUR, TAINTS: ""},
    "no name": {key: value for key, value in ALL_FOUR.items() if key != NAME},
    "provider ID only": {PROVIDER_ID: REGION_ID},
    "shared keys": {**ALL_FOUR, LABELS: "zone=new,keep=,a.b/c=d", TAINTS: "dedicated=new:NoSchedule,keep:NoExecute,keep=2:NoSchedule"},
}  # fmt: skip
FUNCTIONS = "grep sed awk cat mktemp sort cp mv rm chmod mkdir readlink tail"
OPTIONS = {
    "strict": "set -eu\n(set -o pipefail) 2>/dev/null && set -o pipefail",
    "noglob": "set -f",
    "noclobber": "set -C",
    "allexport": "set -a",
    "xtrace": "set -x",
    "IFS comma": "IFS=,",
    "IFS letters": "IFS=abcdefghijklmnopqrstuvwxyz/.-=",
    "IFS empty": "IFS=",
    "C locale": "LC_ALL=C; export LC_ALL",
    "umask": "umask 0777",
    "CDPATH": "CDPATH=/:/tmp; export CDPATH",
    "environment": "GREP_OPTIONS=-v POSIXLY_CORRECT=1 TMPDIR=/nonexistent AWKPATH=/x; export GREP_OPTIONS POSIXLY_CORRECT TMPDIR",
    "aliases": "[ -z \"${BASH_VERSION-}\" ] || shopt -s expand_aliases\nalias grep='grep -v' sed='sed -E' awk='awk -v x=1' "
    "cat='cat -n' cp='cp -i' mv='mv -i' rm='rm -i' sort='sort -r' mktemp='mktemp -d' test=false read=false",
    "printf alias": "[ -z \"${BASH_VERSION-}\" ] || shopt -s expand_aliases\nalias printf='printf XX'",
    "functions": "\n".join(f'{name}() {{ echo "hijacked: {name}" >&2; return 9; }}' for name in FUNCTIONS.split()),
    "printf function": "printf() { echo hijacked; }",
    "echo function": "echo() { command printf 'hijacked\\n'; }",
    "bash globs": '[ -z "${BASH_VERSION-}" ] || shopt -s nullglob dotglob extglob nocaseglob nocasematch globstar lastpipe',
    "failglob": '[ -z "${BASH_VERSION-}" ] || shopt -s failglob',
    "variables of the same names": "file=a unit=b target=c new=d old=e taints=f folder=g found=h name=i P=1 N=2 L=3 T=4 I=5",
    "read-only variables": "\n".join(f"{name}=mine; readonly {name}" for name in
                                      ["file", "unit", "target", "new", "old", "taints", "folder", "found", "name", "path", "P", "N", "L", "T", "I"]),
    "positional parameters": "set -- config /nonexistent '*' 'a b'",
    "closed input": "exec <&-",
    "noexec traps": "trap 'echo trapped >&2' EXIT",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A node's root with one state of the file."""

    state: State
    root: Path
    path: str

    @property
    def file(self) -> Path:
        return self.root / self.path


def lay(folder: Path, states: Sequence[State], path: str = SYSCONFIG) -> list[Place]:
    """One root a state; the roots of the others lie beside it."""
    places = []
    for number, state in enumerate(states):
        place = Place(state, folder / f"node{number}", path)
        place.file.parent.mkdir(parents=True)
        if path == SYSCONFIG:
            # What decides where nothing else does.
            (place.root / "etc/redhat-release").touch()
        if state.content is not None:
            place.file.write_bytes(state.content)
        places.append(place)
    return places


def call(shell: Sequence[str], places: Sequence[Place], values: Mapping[str, str], options: str = "") -> str:
    """One shell visits all roots; what it said on standard error."""
    visits = "".join(f"cd {place.root}\nackpatch_kubelet\n" for place in places)
    return finish(shell, f"{options}\n{block()}\n{visits}", places[0].root.parent, values)


def finish(shell: Sequence[str], script: str, folder: Path, values: Mapping[str, str], **more: str) -> str:
    ended = run(shell, script, folder, values, **more)
    assert ended.returncode == 0, f"the shell ended with {ended.returncode}:\n{ended.stderr[-2000:]}"
    return ended.stderr


def judge(place: Place, values: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the file that the block wrote."""
    old, new = place.state.content or b"", place.file.read_bytes()
    wrong: dict[str, list[int]] = {}
    for version in place.state.versions:
        found = problems(extra_arguments(old, version), extra_arguments(new, version), values)
        before, after = variables(old, version), variables(new, version)
        if {**before, VARIABLE: ""} != {**after, VARIABLE: ""}:
            found.append(f"the variables became {after}")
        for text in found:
            wrong.setdefault(text, []).append(version)
    yield from (f"{text} (systemd {', '.join(map(str, versions))})" for text, versions in wrong.items())
    kept = without_our_line(new, values)
    if kept is None:
        yield "not one line with the provider ID"
    elif kept.rstrip(b"\n") != place.state.rest.rstrip(b"\n"):
        yield f"other lines: {place.state.rest!r} became {kept!r}"


def without_our_line(content: bytes, values: Mapping[str, str]) -> bytes | None:
    """The content without the one assignment (quoted, it may have several lines) that has the injected provider ID."""
    flag = b"--provider-id=" + values[PROVIDER_ID].encode()
    start = (b"\n" + content).rfind(b"\nKUBELET_EXTRA_ARGS=", 0, content.find(flag) + 1)
    if content.count(flag) != 1 or start < 0:
        return None
    end = content.find(b"\n", content.find(flag))
    return content[:start] + (b"" if end < 0 else content[end + 1 :])


def require(places: Sequence[Place], values: Mapping[str, str], said: str = "") -> None:
    """Fail with a paragraph for each state that went wrong."""
    text = ""
    for place in places:
        wrong = [*judge(place, values)]
        if wrong:
            was, now = place.state.content, place.file.read_bytes()
            text += f"\n{place.state.name}:\n  was {was!r}\n  now {now!r}\n  " + "\n  ".join(wrong) + "\n"
    if text:
        pytest.fail(text + said[-2000:], pytrace=False)


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("shell", shells())
def test_every_state_with_every_value(shell: list[str], values: dict[str, str], tmp_path: Path) -> None:
    rare = shell == ["bash", "--posix"] or (shell == ["bash"] and values not in (ALL_FOUR, VALUES["shared keys"]))
    places = lay(tmp_path, CORE if rare else STATES)
    said = call(shell, places, values)
    require(places, values, said)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("shell", shells())
def test_whatever_the_script_has_set(shell: list[str], options: str, tmp_path: Path) -> None:
    places = lay(tmp_path, CORE[::3])
    said = call(shell, places, ALL_FOUR, options=options)
    require(places, ALL_FOUR, said)
    assert "hijacked" not in said


@pytest.mark.parametrize("awk", [pytest.param(name, marks=needs(command[0])) for name, command in AWKS.items()])
def test_whatever_awk_it_is(awk: str, tmp_path: Path) -> None:
    places, values = lay(tmp_path, STATES), VALUES["shared keys"]
    visits = "".join(f"cd {place.root}\nackpatch_kubelet\n" for place in places)
    said = finish(["dash"], f"{block()}\n{visits}", tmp_path, values, path=awk_path(tmp_path, awk))
    require(places, values, said)
    assert said == ""


def test_a_second_call_changes_nothing(tmp_path: Path) -> None:
    """Not even the file's identity."""
    places = lay(tmp_path, STATES)
    visits = "".join(f"cd {place.root}\nackpatch_kubelet\nln {SYSCONFIG} first\nackpatch_kubelet\n" for place in places)
    finish(["dash"], f"{block()}\n{visits}", tmp_path, VALUES["shared keys"])
    again = [place.state.name for place in places if not place.file.samefile(place.root / "first")]
    assert again == [], "a second call wrote these again"


@pytest.mark.parametrize("shell", shells())
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666])
def test_mode_and_owner_stay(shell: list[str], mode: int, tmp_path: Path) -> None:
    """Whatever the script's umask is."""
    for umask in ("000", "022", "077", "777"):
        place = lay(tmp_path / umask, CORE[2:3])[0]
        place.file.chmod(mode)
        owner = (65534, 65533) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
        os.chown(place.file, *owner)
        call(shell, [place], ALL_FOUR, f"umask {umask}")
        status = place.file.stat()
        assert (status.st_mode & 0o7777, status.st_uid, status.st_gid) == (mode, *owner)
        require([place], ALL_FOUR)
        assert sorted(os.listdir(place.file.parent)) == ["kubelet"]


@pytest.mark.parametrize("umask", ["000", "022", "077", "777"])
def test_a_new_file_can_be_read_by_all(umask: str, tmp_path: Path) -> None:
    place = lay(tmp_path, CORE[:1])[0]
    place.file.parent.rmdir()
    text = rooted(prologue("kubeadm"), place.root)
    finish(["dash"], f"umask {umask}\n{text}ackpatch_kubelet\n", tmp_path, ALL_FOUR)
    assert place.file.stat().st_mode & 0o7777 == 0o644
    require([place], ALL_FOUR)


@pytest.mark.parametrize("shell", shells())
@pytest.mark.parametrize("target", ["../kubernetes/kubelet.env", "{root}/etc/kubernetes/kubelet.env"])
def test_a_symbolic_link_stays_one(shell: list[str], target: str, tmp_path: Path) -> None:
    places = lay(tmp_path, STATES[1:12])
    for place in places:
        real = place.root / "etc/kubernetes/kubelet.env"
        real.parent.mkdir()
        place.file.rename(real)
        place.file.symlink_to(target.format(root=place.root))
    call(shell, places, ALL_FOUR)
    require(places, ALL_FOUR)
    for place in places:
        assert os.readlink(place.file) == target.format(root=place.root)
        assert not (place.root / "etc/kubernetes/kubelet.env").is_symlink()


@pytest.mark.parametrize("folder", [True, False], ids=["folder there", "folder missing"])
def test_a_link_whose_target_is_missing(folder: bool, tmp_path: Path) -> None:
    place = lay(tmp_path, CORE[:1])[0]
    if folder:
        (place.root / "etc/kubernetes").mkdir()
    place.file.symlink_to("../kubernetes/kubelet.env")
    finish(["dash"], rooted(prologue("kubeadm"), place.root) + "ackpatch_kubelet\n", tmp_path, ALL_FOUR)
    assert place.file.is_symlink()
    require([place], ALL_FOUR)


@pytest.mark.parametrize("shell", shells())
def test_without_values_no_state_changes(shell: list[str], tmp_path: Path) -> None:
    places = lay(tmp_path, STATES)
    assert call(shell, places, {}) == ""
    for place in places:
        assert (place.file.read_bytes() if place.file.exists() else None) == place.state.content


@pytest.mark.parametrize("shell", shells())
def test_behind_a_continued_comment_the_flags_arrive_on_every_version(shell: list[str], tmp_path: Path) -> None:
    """Versions differ on whether the line behind such a comment is a comment."""
    place = lay(tmp_path, [State("comment", b"# --a \\\nKUBELET_EXTRA_ARGS=--fake=1\n")])[0]
    call(shell, [place], ALL_FOUR)
    for version in VERSIONS:
        found = view(["kubelet", *extra_arguments(place.file.read_bytes(), version)])
        assert (found.exits, found.provider_id, found.hostname_override) == (None, REGION_ID, NODE_NAME), version


@pytest.mark.parametrize("shell", shells())
def test_a_flag_that_lacks_its_value_takes_none_of_ours(shell: list[str], tmp_path: Path) -> None:
    flags = ("node-labels", "register_with_taints", "hostname-override", "provider-id")
    states = [State(flag, f"KUBELET_EXTRA_ARGS=--v=2 --{flag}\n".encode(), ()) for flag in flags]
    places = lay(tmp_path, states)
    call(shell, places, ALL_FOUR)
    for place in places:
        found = view(["kubelet", *extra_arguments(place.file.read_bytes(), 252)])
        assert found.exits is None, place.state.name
        assert (found.provider_id, found.hostname_override) == (REGION_ID, NODE_NAME)


@pytest.mark.parametrize("shell", shells())
def test_the_address_of_the_node(shell: list[str], tmp_path: Path) -> None:
    """The part of the name behind the first dot, when it is an address, replaces ``--node-ip``."""
    states = [
        State("none", EMPTY),
        State("other", b'KUBELET_EXTRA_ARGS="--node-ip=10.0.0.1 --v=2"\n'),
        State("spaced", b"KUBELET_EXTRA_ARGS='--v=2 --node_ip 10.0.0.1'\n"),
    ]
    names = {NODE_NAME: "192.168.1.5", "cn-x.a.b.c.d": None, "cn-x": None, "cn-x.1.2.3": None, "cn-x.1.2.3.4.5": None,
             "192.168.1.5": None}  # fmt: skip
    for number, (name, address) in enumerate(names.items()):
        places = lay(tmp_path / str(number), states)
        visits = "".join(f"cd {place.root}\nackpatch_kubelet\n" for place in places)
        finish(shell, block(node_ip=True) + visits, tmp_path / str(number), {**ALL_FOUR, NAME: name})
        for place in places:
            found = view(["kubelet", *extra_arguments(place.file.read_bytes(), 252)])
            before = view(["kubelet", *extra_arguments(place.state.content or b"", 252)])
            assert found.node_ip == (address or before.node_ip), (name, place.state.name)
            assert found.counts["--node-ip"] == (1 if address else before.counts["--node-ip"])


@pytest.mark.parametrize("shell", shells())
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (b'Environment="KUBELET_EXTRA_ARGS=--v=4 --max-pods=9"', ["--v=4", "--max-pods=9"]),
        (b"Environment='KUBELET_EXTRA_ARGS=--v=4 --max-pods=9'", ["--v=4", "--max-pods=9"]),
        (b"Environment=KUBELET_EXTRA_ARGS=--v=4", ["--v=4"]),
        (b'Environment="A=1" "KUBELET_EXTRA_ARGS=--v=4" "B=2"', ["--v=4"]),
        (b"Environment=A=1 KUBELET_EXTRA_ARGS=--v=4 B=2", ["--v=4"]),
        (b'Environment="A_KUBELET_EXTRA_ARGS=--v=5" "KUBELET_EXTRA_ARGS=--v=4"', ["--v=4"]),
        (b'Environment="KUBELET_EXTRA_ARGS=--v=3"\nEnvironment="KUBELET_EXTRA_ARGS=--v=4"', ["--v=4"]),
        (b'Environment="KUBELET_EXTRA_ARGS=--v=3"\nEnvironment=', []),
        (b'Environment="KUBELET_EXTRA_ARGS=--v=3 \\\n --max-pods=9"', ["--v=3", "--max-pods=9"]),
        (b'#Environment="KUBELET_EXTRA_ARGS=--v=3"', []),
    ],
)
def test_the_units_own_value_is_where_a_file_without_one_begins(
    shell: list[str], environment: bytes, expected: list[str], tmp_path: Path
) -> None:
    """An environment file beats ``Environment=`` as soon as it has the variable."""
    states = [
        State("missing", None),
        State("empty", b""),
        State("set", b"KUBELET_EXTRA_ARGS=--v=1\n"),
        State("none", EMPTY),
    ]
    places = lay(tmp_path, states)
    for place in places:
        drop_in = place.root / "etc/systemd/system/kubelet.service.d/20-own.conf"
        drop_in.parent.mkdir(parents=True)
        drop_in.write_bytes(b"[Service]\n" + environment + b"\nEnvironmentFile=-./etc/sysconfig/kubelet\n")
    call(shell, places, ALL_FOUR)
    for place, want in zip(places, [expected, expected, ["--v=1"], []], strict=True):
        assert others(extra_arguments(place.file.read_bytes(), 252)) == want, place.state.name
        assert (
            problems([], [word for word in extra_arguments(place.file.read_bytes(), 252) if word not in want], ALL_FOUR)
            == []
        )
