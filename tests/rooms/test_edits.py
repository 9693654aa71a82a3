"""Edits: carried out exactly or not at all; where the block goes."""

from __future__ import annotations

import pytest

from ackpatch.errors import AckpatchError
from ackpatch.model import Edit, Span
from ackpatch.options import Options
from ackpatch.shell.syntax import parse
from ackpatch.splice.edits import apply_edits, block_offset, edits_of, kinds_of
from ackpatch.splice.plan import plan
from tests.rooms.test_cover import boot_of


def test_edits_are_carried_out_in_order() -> None:
    edits = (Edit(Span(0, 0), b"", b">", ""), Edit(Span(1, 2), b"b", b"B", ""), Edit(Span(3, 3), b"", b"<", ""))
    assert apply_edits(b"abc", edits) == b">aBc<"


@pytest.mark.parametrize(
    "edits",
    [
        (Edit(Span(0, 1), b"x", b"", ""),),
        (Edit(Span(0, 2), b"ab", b"", ""), Edit(Span(1, 2), b"b", b"", "")),
    ],
)
def test_an_edit_that_does_not_fit_is_an_error(edits: tuple[Edit, ...]) -> None:
    with pytest.raises(AckpatchError, match="does not fit"):
        apply_edits(b"abc", edits)


@pytest.mark.parametrize(
    "text",
    [
        "@do_this\n",
        "#!/bin/bash\n@do_this\n",
        "#!/bin/bash\n# A licence.\n\nset -e\n@# what it does\ndo_this\n",
        "#!/bin/bash\nA=1\nB='two'\nC=$(date)\n@do_this\n",
        "#!/bin/bash\nA=1\nB='two'\n\n@C=$(date)\n",
        "#!/bin/bash\nset -eu; A=1\n@do_this\n",
        "#!/bin/bash\n@A=1 do_this\n",
        "#!/bin/bash\n@A=1\nPATH=/x\n",
        "#!/bin/bash\nA=1\n\n@PATH=/x\n",
        "#!/bin/bash\nALIBABA_CLOUD_LABELS=$ALIBABA_CLOUD_LABELS,a=b\n@do_this\n",
        "#!/bin/bash\n@",
    ],
)
def test_the_block_stands_after_settings_and_before_the_first_action(text: str) -> None:
    script = parse(text.replace("@", "").encode(), "bash")
    assert block_offset(script, len(script.text)) == text.index("@")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("systemctl restart kubelet", ["call"]),
        ("kubelet --v=2", ["values"]),
        ("systemctl start k3s-agent", ["agent"]),
        ("kubelet --v=2\nsystemctl restart kubelet", ["values", "call"]),
        ("echo", []),
    ],
)
def test_only_the_blocks_that_are_needed(text: str, kinds: list[str]) -> None:
    boot = boot_of(text)
    made = plan(boot, Options(), frozenset(), ())
    assert [one.value for one in kinds_of(made)] == kinds
    assert bool(edits_of(made, boot.script)) == bool(kinds)
