"""The environment file: every state of it, under every shell and option, judged by systemd's and kubelet's rules."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from .arguments import VARIABLE, VERSIONS, extra_arguments, problems, variables
from .ground import ALL_FOUR, AWKS, LABELS, NAME, PROVIDER_ID, REGION_ID, TAINTS, awk_path, block, needs, run, shells
from .states import CORE, STATES, State

SYSCONFIG, DEFAULT = "etc/sysconfig/kubelet", "etc/default/kubelet"
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
    "cat='cat -n' cp='cp -i' mv='mv -i' rm='rm -i' printf='printf XX' sort='sort -r' mktemp='mktemp -d' command='command '",
    "functions": "\n".join(f'{name}() {{ echo "hijacked: {name}" >&2; return 9; }}' for name in FUNCTIONS.split()),
    "printf function": "printf() { echo hijacked; }",
    "echo function": "echo() { command printf 'hijacked\\n'; }",
    "bash globs": '[ -z "${BASH_VERSION-}" ] || shopt -s nullglob dotglob extglob nocaseglob nocasematch globstar lastpipe',
    "failglob": '[ -z "${BASH_VERSION-}" ] || shopt -s failglob',
    "variables of the same names": "file=a unit=b target=c new=d old=e taints=f folder=g found=h name=i P=1 N=2 L=3 T=4 I=5",
    "read-only variables": "\n".join(f"{name}=mine; readonly {name}" for name in
                                      "file unit target new old taints folder found name path P N L T I".split()),
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
        if state.content is not None:
            place.file.write_bytes(state.content)
        places.append(place)
    return places


def call(shell: Sequence[str], places: Sequence[Place], values: Mapping[str, str], **more: str) -> str:
    """One shell visits all roots, twice each; what it said on standard error."""
    folder = places[0].root.parent
    visits = "".join(
        f"cd {place.root}\nackpatch_kubelet\ncp -p {place.path} first\nackpatch_kubelet\n" for place in places
    )
    # The copy is the tests' own and must not meet the hostile functions.
    visits = visits.replace("\ncp ", "\n/bin/cp ")
    script = f"{more.pop('options', '')}\n{block()}\n{visits}\n"
    ended = run(shell, script, folder, values, **more)  # type: ignore[arg-type]
    assert ended.returncode == 0, f"the shell ended with {ended.returncode}:\n{ended.stderr[-2000:]}"
    return ended.stderr


def judge(place: Place, values: Mapping[str, str]) -> Iterator[str]:
    old, new = place.state.content or b"", place.file.read_bytes()
    for version in place.state.versions:
        before, after = extra_arguments(old, version), extra_arguments(new, version)
        for text in problems(before, after, values):
            yield f"systemd {version}: {text}"
        rest = {name: value for name, value in variables(new, version).items() if name != VARIABLE}
        if rest != {name: value for name, value in variables(old, version).items() if name != VARIABLE}:
            yield f"systemd {version}: other variables became {rest}"
    if (place.root / "first").read_bytes() != new:
        yield "a second call changed it again"
    kept = without_our_line(new, values)
    if kept is None:
        yield "not one line with the provider ID"
    elif kept.rstrip(b"\n") != place.state.rest.rstrip(b"\n"):
        yield f"other lines: {place.state.rest!r} became {kept!r}"


def without_our_line(content: bytes, values: Mapping[str, str]) -> bytes | None:
    lines = content.splitlines(keepends=True) if b"\r" not in content else content.split(b"\n")
    lines = [line if line.endswith(b"\n") else line + b"\n" for line in lines if line]
    ours = [line for line in lines if b"--provider-id=" + values[PROVIDER_ID].encode() in line]
    if len(ours) != 1 or not ours[0].startswith(b"KUBELET_EXTRA_ARGS="):
        return None
    return b"".join(line for line in lines if line != ours[0])


def report(places: Sequence[Place], values: Mapping[str, str], said: str = "") -> str:
    """A paragraph for each state that went wrong; empty when all is well."""
    text = ""
    for place in places:
        wrong = [*judge(place, values)]
        if wrong:
            was, now = place.state.content, place.file.read_bytes()
            text += f"\n{place.state.name}:\n  was {was!r}\n  now {now!r}\n  " + "\n  ".join(wrong) + "\n"
    return text and text + said[-2000:]


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("shell", shells())
def test_every_state_with_every_value(shell: list[str], values: dict[str, str], tmp_path: Path) -> None:
    places = lay(tmp_path, STATES)
    said = call(shell, places, values)
    assert report(places, values, said) == ""


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("shell", shells())
def test_whatever_the_script_has_set(shell: list[str], options: str, tmp_path: Path) -> None:
    places = lay(tmp_path, CORE)
    said = call(shell, places, ALL_FOUR, options=options)
    assert report(places, ALL_FOUR, said) == ""
    assert "hijacked" not in said


@pytest.mark.parametrize("awk", [pytest.param(name, marks=needs(command[0])) for name, command in AWKS.items()])
def test_whatever_awk_it_is(awk: str, tmp_path: Path) -> None:
    places = lay(tmp_path, STATES)
    said = call(["dash"], places, VALUES["shared keys"], path=awk_path(tmp_path, awk))
    assert report(places, VALUES["shared keys"], said) == ""
    assert said == ""
