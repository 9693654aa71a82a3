"""The library's face: plain values, no terminal, no global state, light to import."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import ackpatch
from tests.fixtures import all_fixtures

PLAIN = "#!/bin/bash\nyum install -y kubelet\nsystemctl restart kubelet\n"


def test_the_result_is_of_the_type_of_the_source() -> None:
    text, data = ackpatch.patch(PLAIN), ackpatch.patch(PLAIN.encode())
    assert isinstance(text.patched, str)
    assert isinstance(data.patched, bytes)
    assert text.patched.encode() == data.patched
    assert text.changed
    assert text.diff().startswith(b"--- a/script.sh\n+++ b/script.sh\n@@ ")
    assert ackpatch.revert(text.patched).patched == PLAIN


def test_text_with_undecodable_bytes_comes_back() -> None:
    source = (PLAIN + "# \udcff\n").encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    result = ackpatch.patch(source)
    assert result.changed
    assert ackpatch.revert(result.patched).patched == source


def test_check_gives_findings_with_places() -> None:
    findings = ackpatch.check(PLAIN)
    start = PLAIN.index("systemctl")
    found = [one for one in findings if one.code == "ACK101"]
    assert [(one.span.start, one.span.end, one.fixable) for one in found] == [(start, len(PLAIN) - 1, True)]
    assert found[0].severity is ackpatch.Severity.ERROR
    assert found[0].remedy


def test_inspect_gives_events_in_execution_order() -> None:
    source = "later() { systemctl start kubelet; }\necho 'KUBELET_EXTRA_ARGS=' > /etc/default/kubelet\nlater\n"
    kinds = [one.kind for one in ackpatch.inspect(source).events]
    assert kinds == [ackpatch.EventKind.WRITE, ackpatch.EventKind.START]


def test_public_names_are_there_and_nothing_heavy_is_imported() -> None:
    code = (
        "import sys, ackpatch; [getattr(ackpatch, n) for n in ackpatch.__all__]; ackpatch.patch('kubelet --v=2');"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'typer', 'rich', 'click', 'hypothesis'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(ackpatch, "no_such_name")


def test_threads_do_not_disturb_each_other() -> None:
    originals = [one.original for one in all_fixtures()][:40]
    alone = [ackpatch.patch(one).patched for one in originals]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda one: ackpatch.patch(one).patched, originals)) == alone


def test_a_caller_can_type_check_against_the_face(tmp_path: Path) -> None:
    caller = tmp_path / "caller.py"
    caller.write_text(
        "import ackpatch\n"
        "text: str = ackpatch.patch('x').patched\n"
        "data: bytes = ackpatch.patch(b'x').patched\n"
        "spans: list[tuple[int, int]] = [(f.span.start, f.span.end) for f in ackpatch.check('x')]\n"
        "wrong: int = ackpatch.patch('x').patched\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", str(caller)], capture_output=True, text=True, check=False
    )
    errors = [line for line in done.stdout.splitlines() if "error:" in line]
    assert [line.split(":")[1] for line in errors] == ["5"], done.stdout


def test_places_are_those_of_the_script_that_was_given_also_when_it_is_patched_already() -> None:
    source = "#!/bin/bash\nsource ./x.sh\n" + PLAIN + "kubeadm join a --token b\n"
    patched = ackpatch.patch(source).patched
    for text in (source, patched, patched + "echo KUBELET_EXTRA_ARGS= > /etc/sysconfig/kubelet\n"):
        (unseen,) = [one for one in ackpatch.check(text) if one.code == "ACK202"]
        assert text[unseen.span.start : unseen.span.end] == "source ./x.sh"
    for text in (source, patched):
        (join,) = [one for one in ackpatch.inspect(text).events if one.kind is ackpatch.EventKind.JOIN]
        assert text[join.span.start : join.span.end].startswith("kubeadm join a --token b")


def test_inspect_shows_an_injection_that_is_there() -> None:
    hand = "--provider-id=$ALIBABA_CLOUD_PROVIDER_ID --hostname-override=$ALIBABA_CLOUD_NODE_NAME"
    hand += " --node-labels=$ALIBABA_CLOUD_LABELS --register-with-taints=$ALIBABA_CLOUD_TAINTS"
    source = f'echo "KUBELET_EXTRA_ARGS={hand}" > /etc/sysconfig/kubelet\nsystemctl restart kubelet\n'
    assert next(one.kind for one in ackpatch.inspect(source).events) is ackpatch.EventKind.INJECTION
    assert not ackpatch.patch(source).changed


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: ackpatch.patch(None), "the script has to be text or bytes, not NoneType"),  # type: ignore[type-var]
        (lambda: ackpatch.revert(3), "the script has to be text or bytes, not int"),  # type: ignore[type-var]
        (lambda: ackpatch.check(bytearray(b"x")), "not bytearray"),  # type: ignore[arg-type]
        (lambda: ackpatch.patch("x", select="ACK1"), "codes have to be a list of texts"),
        (lambda: ackpatch.patch("x", ignore=[1]), "codes have to be a list of texts"),  # type: ignore[list-item]
        (lambda: ackpatch.patch("x", name=None), "name has to be text, not NoneType"),  # type: ignore[arg-type]
    ],
)
def test_an_argument_of_another_type_is_one_clear_error(call: Callable[[], object], told: str) -> None:
    with pytest.raises(ackpatch.AckpatchError, match=told):
        call()
