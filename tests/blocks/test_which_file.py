"""Which of the two environment files is edited: the one that kubelet's unit reads, not the one that exists."""

from __future__ import annotations

import pytest

from ackpatch.rehearse import Rehearsal, rehearse, view
from ackpatch.splice.prologue import prologue

from .arguments import extra_arguments, others
from .ground import ALL_FOUR, NODE_NAME, REGION_ID

SYSCONFIG, DEFAULT = "/etc/sysconfig/kubelet", "/etc/default/kubelet"
START = "ExecStart=\nExecStart=/usr/bin/kubelet $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS\n"
LIBRARY = "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf"
ADMIN = "/etc/systemd/system/kubelet.service.d/10-kubeadm.conf"
RUN = "/run/systemd/system/kubelet.service.d/10-kubeadm.conf"
LOCAL = "/usr/local/lib/systemd/system/kubelet.service.d/10-kubeadm.conf"
UNIT = "/etc/systemd/system/kubelet.service"
SCRIPT = "mkdir -p /etc/sysconfig /etc/default\nackpatch_kubelet\nsystemctl restart kubelet\n"
FILES = {
    "neither": {},
    "sysconfig": {SYSCONFIG: b"KUBELET_EXTRA_ARGS=--a=1\n"},
    "default": {DEFAULT: b"KUBELET_EXTRA_ARGS=--b=1\n"},
    "both": {SYSCONFIG: b"KUBELET_EXTRA_ARGS=--a=1\n", DEFAULT: b"KUBELET_EXTRA_ARGS=--b=1\n"},
}


def drop_in(line: str) -> bytes:
    return f"[Service]\n{line}\n{START}".encode()


def run(files: dict[str, bytes], family: str = "rpm+installed", runtime: str = "kubeadm") -> Rehearsal:
    rehearsal = rehearse(
        (prologue(runtime) + SCRIPT).encode(), env=ALL_FOUR, family=family, files=files, shell=["dash"]
    )
    assert (rehearsal.exit_status, rehearsal.stderr) == (0, b"")
    return rehearsal


def require(rehearsal: Rehearsal, wanted: str, files: dict[str, bytes], runs_with: list[str]) -> None:
    """Only ``wanted`` is written, and kubelet's start has the values and the arguments that it had."""
    assert {SYSCONFIG, DEFAULT} & rehearsal.files.keys() == {wanted}
    old = files.get(wanted)
    if old is not None:
        assert others(extra_arguments(rehearsal.files[wanted].content, 252)) == extra_arguments(old, 252)
    (start,) = rehearsal.starts
    found = view(start.argv)
    assert (start.error, found.exits, found.provider_id) == (None, None, REGION_ID)
    assert found.hostname_override == NODE_NAME
    assert others(start.argv[1:]) == runs_with


@pytest.mark.parametrize("there", FILES.values(), ids=FILES)
@pytest.mark.parametrize("place", [LIBRARY, ADMIN, RUN, LOCAL], ids=["library", "admin", "run", "local"])
@pytest.mark.parametrize("reads", [SYSCONFIG, DEFAULT])
def test_the_drop_in_decides(reads: str, place: str, there: dict[str, bytes]) -> None:
    files = {**there, place: drop_in(f"EnvironmentFile=-{reads}")}
    for family in ("rpm+installed", "deb+installed") if place == LIBRARY else ("rpm+installed",):
        # A package's own drop-in stays below the one of a higher folder; the packages' file is not in the way.
        emptied = {SYSCONFIG: there.get(SYSCONFIG, b""), DEFAULT: there.get(DEFAULT, b"")}
        require(run({**emptied, **files}, family), reads, emptied, extra_arguments(there.get(reads, b""), 252))


@pytest.mark.parametrize("there", FILES.values(), ids=FILES)
@pytest.mark.parametrize("line", [
    "EnvironmentFile={}", "EnvironmentFile=-{}", "EnvironmentFile = -{}", "\tEnvironmentFile=-{}  ",
    "EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\nEnvironmentFile=-{}", "EnvironmentFile=-/etc/other\nEnvironmentFile=\nEnvironmentFile=-{}",
    "#EnvironmentFile=-/etc/nothing/kubelet\nEnvironmentFile=-{}", "EnvironmentFile=-{}\r",
])  # fmt: skip
def test_spellings(line: str, there: dict[str, bytes]) -> None:
    reads = DEFAULT
    files = {SYSCONFIG: b"", DEFAULT: b"", **there, LIBRARY: drop_in(line.format(reads))}
    require(run(files), reads, files, extra_arguments(files[reads], 252))


@pytest.mark.parametrize("there", FILES.values(), ids=FILES)
@pytest.mark.parametrize(("first", "last"), [(SYSCONFIG, DEFAULT), (DEFAULT, SYSCONFIG)])
def test_of_two_files_that_are_read_the_last_counts(first: str, last: str, there: dict[str, bytes]) -> None:
    lines = f"EnvironmentFile=-{first}\nEnvironmentFile=-{last}"
    files = {SYSCONFIG: b"", DEFAULT: b"", **there, LIBRARY: drop_in(lines)}
    rehearsal = run(files)
    assert set(rehearsal.files) & {SYSCONFIG, DEFAULT} == {last}
    # Where the last one has no value of its own, what the first one says must not be lost.
    want = extra_arguments(files[last], 252) or extra_arguments(files[first], 252)
    assert others(rehearsal.starts[0].argv[1:]) == want
    assert view(rehearsal.starts[0].argv).provider_id == REGION_ID


@pytest.mark.parametrize("old", [SYSCONFIG, DEFAULT])
def test_an_empty_line_takes_back_earlier_files(old: str) -> None:
    new = DEFAULT if old == SYSCONFIG else SYSCONFIG
    later = "/etc/systemd/system/kubelet.service.d/20-own.conf"
    files = {SYSCONFIG: b"", DEFAULT: b"", LIBRARY: drop_in(f"EnvironmentFile=-{old}"),
             later: f"[Service]\nEnvironmentFile=\nEnvironmentFile=-{new}\n".encode()}  # fmt: skip
    require(run(files), new, files, [])


def test_drop_ins_sort_by_name_over_all_folders() -> None:
    files = {SYSCONFIG: b"", DEFAULT: b"", LIBRARY: drop_in(f"EnvironmentFile=-{SYSCONFIG}"),
             "/run/systemd/system/kubelet.service.d/90-last.conf": f"[Service]\nEnvironmentFile=-{DEFAULT}\n".encode(),
             "/etc/systemd/system/kubelet.service.d/05-first.conf": f"[Service]\nEnvironmentFile=-{SYSCONFIG}\n".encode()}  # fmt: skip
    require(run(files), DEFAULT, files, [])


def test_of_two_drop_ins_with_one_name_the_higher_folder_counts() -> None:
    files = {
        SYSCONFIG: b"",
        DEFAULT: b"",
        LIBRARY: drop_in(f"EnvironmentFile=-{SYSCONFIG}"),
        ADMIN: drop_in(f"EnvironmentFile=-{DEFAULT}"),
    }
    require(run(files), DEFAULT, files, [])


def test_the_unit_in_etc_counts_and_not_the_one_of_the_package() -> None:
    unit = f"[Service]\nEnvironmentFile=-{DEFAULT}\n{START.replace('ExecStart=', '', 1).lstrip()}"
    files = {SYSCONFIG: b"", DEFAULT: b"", LIBRARY: b"[Service]\n", UNIT: unit.encode(),
             "/usr/lib/systemd/system/kubelet.service": unit.replace(DEFAULT, SYSCONFIG).encode()}  # fmt: skip
    require(run(files), DEFAULT, files, [])


def test_other_files_in_the_folder_are_no_drop_ins() -> None:
    files = {SYSCONFIG: b"", DEFAULT: b"", LIBRARY: drop_in(f"EnvironmentFile=-{SYSCONFIG}"),
             "/etc/systemd/system/kubelet.service.d/99-old.conf.bak": drop_in(f"EnvironmentFile=-{DEFAULT}"),
             "/etc/systemd/system/other.service.d/99.conf": drop_in(f"EnvironmentFile=-{DEFAULT}")}  # fmt: skip
    require(run(files), SYSCONFIG, files, [])


@pytest.mark.parametrize(("family", "there", "wanted"), [
    ("rpm", "neither", SYSCONFIG), ("rpm", "sysconfig", SYSCONFIG), ("rpm", "default", DEFAULT), ("rpm", "both", SYSCONFIG),
    ("deb", "neither", DEFAULT), ("deb", "sysconfig", SYSCONFIG), ("deb", "default", DEFAULT), ("deb", "both", SYSCONFIG),
])  # fmt: skip
def test_without_a_unit_the_file_that_is_there_or_the_familys(family: str, there: str, wanted: str) -> None:
    """A script may write the file before the packages come."""
    script = (prologue("kubeadm") + "ackpatch_kubelet\n").encode()
    rehearsal = rehearse(script, env=ALL_FOUR, family=family, files=FILES[there], shell=["dash"])
    assert (rehearsal.exit_status, rehearsal.stderr) == (0, b"")
    assert {SYSCONFIG, DEFAULT} & rehearsal.files.keys() == {wanted}


@pytest.mark.parametrize("family", ["rpm+installed", "deb+installed"])
@pytest.mark.parametrize("runtime", ["kubeadm", "either"])
def test_the_packages_own_units(family: str, runtime: str) -> None:
    (start,) = run({}, family, runtime).starts
    assert view(start.argv).provider_id == REGION_ID


def test_either_way_a_unit_that_reads_no_file_is_edited_itself() -> None:
    unit = b"[Service]\nExecStart=/usr/bin/kubelet --v=2\n"
    rehearsal = run({UNIT: unit, LIBRARY: b"[Service]\n"}, "binary", "either")
    assert not {SYSCONFIG, DEFAULT} & rehearsal.files.keys()
    assert view(rehearsal.starts[0].argv).provider_id == REGION_ID


@pytest.mark.parametrize("shell", [["bash"], ["dash"]], ids=["bash", "dash"])
@pytest.mark.parametrize("how", [
    'JoinConfiguration\nnodeRegistration:\n  taints:\n  - key: own\n    value: "1"\n    effect: NoSchedule\n  - key: gpu\n    effect: NoSchedule\n',
    "JoinConfiguration\nnodeRegistration:\n  taints: [{key: own, value: '1', effect: NoSchedule}]\n",
    "JoinConfiguration\nnodeRegistration:\n  kubeletExtraArgs:\n    register-with-taints: own=1:NoSchedule\n",
])  # fmt: skip
def test_taints_of_a_join_configuration_stay(how: str, shell: list[str]) -> None:
    """The last ``--register-with-taints`` replaces all, and ours is the last."""
    script = (
        prologue("kubeadm", join_config=True) + "ackpatch_kubelet config /root/join.yaml\nsystemctl restart kubelet\n"
    ).encode()
    files = {"/root/join.yaml": f"apiVersion: kubeadm.k8s.io/v1beta3\nkind: {how}".encode()}
    rehearsal = rehearse(script, env=ALL_FOUR, family="rpm+installed", files=files, shell=shell)
    assert (rehearsal.exit_status, rehearsal.stderr) == (0, b"")
    assert set(view(rehearsal.starts[0].argv).taints) == {"own=1:NoSchedule", "gpu=true:NoSchedule"}


def test_taints_that_kubeadm_gave_stay() -> None:
    files = {
        "/var/lib/kubelet/kubeadm-flags.env": b'KUBELET_KUBEADM_ARGS="--v=2 --register-with-taints=own=1:NoSchedule --x=1"\n'
    }
    (start,) = run(files).starts
    assert set(view(start.argv).taints) == {"own=1:NoSchedule", "gpu=true:NoSchedule"}
