"""What a script makes does not cost the caller more than a bound: many files, a command line without end."""

from __future__ import annotations

import resource

import pytest

from ackpatch.rehearse import rehearse
from ackpatch.systemd.command_line import LONGEST_WORD, Command, argument_list
from ackpatch.systemd.unit import UnitError


def test_many_large_files_are_kept_as_hashes() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run = rehearse(b"for n in $(seq 1500); do truncate -s 4M /opt/sparse.$n; done\n", env={}, family="binary")
    assert run.exit_status == 0
    assert len([path for path in run.files if path.startswith("/opt/sparse.")]) == 1500
    assert sum(len(one.content) for one in run.files.values()) < 70 * 1024 * 1024
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600 * 1024  # KiB


@pytest.mark.parametrize("word", ["${A}" * 30_000, "$A"])
def test_a_command_line_without_end_is_an_error(word: str) -> None:
    command = Command("/usr/bin/kubelet", ("/usr/bin/kubelet", *([word] * 40)), expands=True)
    with pytest.raises(UnitError, match="longer than the kernel takes"):
        argument_list(command, {"A": "x" * (LONGEST_WORD - 1)})


def test_folders_that_are_nested_too_deeply_are_told() -> None:
    script = b"cd /opt; for n in $(seq 300); do mkdir d; cd d; done\n"
    assert rehearse(script, env={}, family="binary").trouble == "the script nests more than 100 folders in /opt/d/d"
