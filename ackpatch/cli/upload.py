"""``ackpatch upload``: a script to a place that the cluster can reach, checked before and read back after."""

from __future__ import annotations

from ackpatch.cli.files import say
from ackpatch.pool import Uploading, upload
from ackpatch.source import read_script


def run(script: str, how: Uploading) -> int:
    """Upload, verify, print the address; raises AckpatchError."""
    done = upload(read_script(script), how, script)
    for note in done.notes:
        say(note)
    if done.address:
        print(done.address)
    return 0
