"""States of kubelet's environment file, as owners, packages and other tools leave it."""

from __future__ import annotations

from dataclasses import dataclass

from .arguments import VERSIONS

EMPTY = b"KUBELET_EXTRA_ARGS=\n"
OURS = (
    b"--node-labels=zone=old,keep=1 --v=2 --register-with-taints=dedicated=old:NoSchedule,keep=1:NoExecute "
    b"--hostname-override=old.example.com --provider-id=aws:///i-0"
)
SPACED = (
    b"--node-labels zone=old,keep=1 --v 2 --register-with-taints dedicated=old:NoSchedule,keep=1:NoExecute "
    b"--hostname-override old.example.com --provider-id aws:///i-0"
)
UNDERSCORES = (
    b"--node_labels=zone=old --v=2 --register_with_taints=dedicated=old:NoSchedule --hostname_override=o "
    b"--provider_id x --max_pods=9"
)


@dataclass(frozen=True)
class State:
    """A file's content (None: no file) and the parts of it that the block replaces by its one line.

    ``versions`` are those of systemd that agree on what the file says.
    """

    name: str
    content: bytes | None
    assignments: tuple[bytes, ...] = ()
    versions: tuple[int, ...] = VERSIONS

    @property
    def rest(self) -> bytes:
        """What has to stay byte for byte."""
        text = self.content or b""
        for part in self.assignments:
            assert text.count(part) == 1, (self.name, part)
            text = text.replace(part, b"")
        return text


def _all(name: str, *parts: bytes, versions: tuple[int, ...] = VERSIONS) -> State:
    """A file that is one assignment or several and nothing else."""
    return State(name, b"".join(parts), parts, versions)


def _none(name: str, content: bytes | None) -> State:
    """A file without an assignment that systemd would take."""
    return State(name, content)


CORE = [
    _none("missing", None),
    _none("empty", b""),
    _all("package", EMPTY),
    _all("bare value", b"KUBELET_EXTRA_ARGS=--v=2 --max-pods=50\n"),
    _all("double quotes", b'KUBELET_EXTRA_ARGS="--v=2 --max-pods=50"\n'),
    _all("single quotes", b"KUBELET_EXTRA_ARGS='--v=2 --max-pods=50'\n"),
    _none("commented out", b"#KUBELET_EXTRA_ARGS=--v=2\n# KUBELET_EXTRA_ARGS=\n"),
    _none("exported", b"export KUBELET_EXTRA_ARGS=--v=2\n"),
    State("twice", b"A=1\nKUBELET_EXTRA_ARGS=--v=1\nB=2\nKUBELET_EXTRA_ARGS=--v=2\nC=3\n",
          (b"KUBELET_EXTRA_ARGS=--v=1\n", b"KUBELET_EXTRA_ARGS=--v=2\n")),
    _all("no final newline", b"KUBELET_EXTRA_ARGS=--v=2"),
    _all("continued", b"KUBELET_EXTRA_ARGS=--v=2 \\\n  --max-pods=50 \\\n  --node-labels=zone=old\n"),
    _all("all four", b"KUBELET_EXTRA_ARGS=" + OURS + b"\n"),
    _all("all four, quoted", b'KUBELET_EXTRA_ARGS="' + OURS + b'"\n'),
    _all("all four, space form", b'KUBELET_EXTRA_ARGS="' + SPACED + b'"\n'),
    _all("all four, underscores", b"KUBELET_EXTRA_ARGS='" + UNDERSCORES + b"'\n"),
    _all("quotes later", b'KUBELET_EXTRA_ARGS=--a="x y" --node-labels="zone=old,keep=1" --b=\'z\'\n'),
    State("other variables", b'KUBE_ARGS="--v=9"\n# a comment\n\nKUBELET_EXTRA_ARGS=--v=2\nX_KUBELET_ARGS=--v=3\n',
          (b"KUBELET_EXTRA_ARGS=--v=2\n",)),
]  # fmt: skip

MORE = [
    _none("one newline", b"\n"),
    _none("comments only", b"# nothing here\n; nor here\n"),
    _none("no final newline, comment", b"# KUBELET_EXTRA_ARGS=--v=2"),
    _all("only the name", b"KUBELET_EXTRA_ARGS="),
    _all("empty double quotes", b'KUBELET_EXTRA_ARGS=""\n'),
    _all("empty single quotes", b"KUBELET_EXTRA_ARGS=''\n"),
    _all("blank value", b"KUBELET_EXTRA_ARGS=   \t \n"),
    _all("quoted blanks", b'KUBELET_EXTRA_ARGS="   "\n'),
    _none("appended", b"KUBELET_EXTRA_ARGS+=--v=2\n"),
    _none("byte order mark", b"\xef\xbb\xbfKUBELET_EXTRA_ARGS=--v=2\n"),
    _none("no equals sign", b"KUBELET_EXTRA_ARGS --v=2\n"),
    _none("longer name", b"KUBELET_EXTRA_ARGS_OLD=--v=2\nMY_KUBELET_EXTRA_ARGS=--v=3\n"),
    _none("other case", b"kubelet_extra_args=--v=2\n"),
    _none("commented with a semicolon", b";KUBELET_EXTRA_ARGS=--v=2\n"),
    _none("name in another value", b'OTHER="KUBELET_EXTRA_ARGS=--v=2"\nURL=http://x/?KUBELET_EXTRA_ARGS=1\n'),
    _all("spaces around the equals sign", b"  KUBELET_EXTRA_ARGS  =  --v=2 \t --max-pods=50  \n"),
    _all("tabs around the equals sign", b"\tKUBELET_EXTRA_ARGS\t=\t'--v=2'\t\n"),
    _all("twice, other quotes", b"KUBELET_EXTRA_ARGS='--v=1'\n", b'KUBELET_EXTRA_ARGS="--max-pods=5"\n'),
    _all("twice, the last one empty", b"KUBELET_EXTRA_ARGS=--v=1\n", b"KUBELET_EXTRA_ARGS=\n"),
    _all("three times", b"KUBELET_EXTRA_ARGS=\n", b"KUBELET_EXTRA_ARGS=--v=2\n", b"KUBELET_EXTRA_ARGS=--v=3\n"),
    _all("continued in double quotes", b'KUBELET_EXTRA_ARGS="--v=2 \\\n--max-pods=50 \\\n--node-labels=zone=old"\n'),
    _all("lines in double quotes", b'KUBELET_EXTRA_ARGS="--v=2\n--max-pods=50\n"\n'),
    _all("lines in single quotes", b"KUBELET_EXTRA_ARGS='--v=2\n--max-pods=50\n'\n"),
    _all("continuation at the end of the file", b"KUBELET_EXTRA_ARGS=--v=2 \\\n"),
    _all("backslash at the end of the file", b"KUBELET_EXTRA_ARGS=--v=2 \\"),
    _all("never closed quote", b'KUBELET_EXTRA_ARGS="--v=2 --max-pods=50\n'),
    _all("text behind the quotes", b'KUBELET_EXTRA_ARGS="--node-labels=zone="old\n'),
    _all("two quoted parts", b"KUBELET_EXTRA_ARGS=\"--v=2\" '--max-pods=50'\n"),
    _all("quoted word inside", b"KUBELET_EXTRA_ARGS=--v=2 \"--node-labels=zone=old\" '--provider-id=x' --b=1\n"),
    _all("quoted value, space form", b"KUBELET_EXTRA_ARGS=--v=2 --node-labels \"zone=old,keep=1\" --b=1\n"),
    _all("quotes in double quotes", b'KUBELET_EXTRA_ARGS="--a=\'x y\' --node-labels=\'zone=old\'"\n'),
    _all("escaped quotes", b'KUBELET_EXTRA_ARGS="--a=\\"x y\\" --node-labels=\\"zone=old\\" --b=1"\n'),
    _all("dollar and backtick", b"KUBELET_EXTRA_ARGS=--a=$HOME --b=`id` --c=$(id) --d=%i\n"),
    _all("backslash before a letter", b"KUBELET_EXTRA_ARGS=--a=x\\y --b=1\n"),
    _all("two backslashes", b"KUBELET_EXTRA_ARGS=--a=x\\\\y --b=1\n"),
    _all("backslashes in double quotes", b'KUBELET_EXTRA_ARGS="--a=x\\\\\\\\y --b=1"\n'),
    _all("backslash in single quotes", b"KUBELET_EXTRA_ARGS='--a=x\\\\y --b=1'\n", versions=(252, 255)),
    _all("escaped space", b"KUBELET_EXTRA_ARGS=--a=x\\ y --b=1\n"),
    _all("ampersand and at sign", b"KUBELET_EXTRA_ARGS=--a=x&y@z|w#v --b=^.*[$]\n"),
    _all("hash in the value", b"KUBELET_EXTRA_ARGS=--a=x#y\n"),
    _all("CRLF", b"KUBELET_EXTRA_ARGS=--v=2 --node-labels=zone=old\r\n"),
    _all("CRLF, quoted", b'KUBELET_EXTRA_ARGS="--v=2 --node-labels=zone=old"\r\n'),
    _all("CRLF, empty", b"KUBELET_EXTRA_ARGS=\r\n"),
    State("CRLF, others", b"A=1\r\nKUBELET_EXTRA_ARGS=--v=2\r\nB=2\r\n", (b"KUBELET_EXTRA_ARGS=--v=2\r\n",)),
    State("CRLF, others only", b"A=1\r\nB=2\r\n"),
    State("other encoding", b"# caf\xe9\nKUBELET_EXTRA_ARGS=--v=2\n", (b"KUBELET_EXTRA_ARGS=--v=2\n",)),
    _all("not ASCII", "KUBELET_EXTRA_ARGS=--a=é\u3000ü --b=1\n".encode()),
    State("value in the middle of a long file", b"X=1\n" * 300 + b"KUBELET_EXTRA_ARGS=--v=2\n" + b"Y=2\n" * 300,
          (b"KUBELET_EXTRA_ARGS=--v=2\n",)),
    _all("long value", b"KUBELET_EXTRA_ARGS=" + b" ".join(b"--f%d=%d" % (n, n) for n in range(600)) + b"\n"),
    State("text behind an old variable that is continued", b"OTHER=--a \\\nKUBELET_EXTRA_ARGS=--fake=1\n"),
    State("text in an old variable's quotes", b'OTHER="a\nKUBELET_EXTRA_ARGS=--fake=1\nb"\nZ=1\n'),
    State("other variable continued at the end of the file", b"OTHER=--a \\\n"),
    State("other variable, a quote never closed", b'A=1\nOTHER="--a\n'),
    State("comment with a backslash at the end of the file", b"A=1\n# C:\\\n", ()),
    _all("one flag twice", b"KUBELET_EXTRA_ARGS=--node-labels=zone=a,x=1 --node-labels=zone=b --provider-id=1 --provider-id=2\n"),
    _all("empty flags", b"KUBELET_EXTRA_ARGS=--node-labels= --register-with-taints= --hostname-override= --provider-id=\n"),
    _all("names that begin alike", b"KUBELET_EXTRA_ARGS=--node-labels-x=1 --provider-idx=2 --x-node-labels=3 --node-ip=10.0.0.1\n"),
    _all("a flag's name in another's value", b"KUBELET_EXTRA_ARGS=--a=--node-labels=x=y --b=x,--provider-id=1\n"),
    _all("name with mixed dashes", b"KUBELET_EXTRA_ARGS=--node_labels zone=old --hostname-override_x=1\n"),
    _all("vendor's own", b'KUBELET_EXTRA_ARGS="--node-labels=alibabacloud.com/nodepool-id=np0 --provider-id=cn-hangzhou.i-bp0 "\n'),
]  # fmt: skip
STATES = [*CORE, *MORE]
