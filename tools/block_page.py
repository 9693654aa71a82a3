"""docs/block.md: the text that goes into scripts, with remarks, so that a person reviews it once."""

from __future__ import annotations

from ackpatch.inserted.blocks import Kind, block

HEAD = """# The block
This is the text that `ackpatch apply` puts near the top of a script, once, and always the same. Review it here once; later its mark
tells you that it is the one you know: the last line carries its version and a checksum over its text. `ackpatch explain block` prints
the same. It is yours under 0BSD.

There are three. **call** goes into every script that needs a call (most do): at most 90 lines of at most 120 columns, 6,500 bytes.
**values**, at most 35 lines, goes into scripts where the flags can stand in a text of the script itself, an `ExecStart=` that it
writes or a kubelet that it runs. **agent**, at most 60 lines, goes into scripts that start an
[agent](agents.md) of k3s or RKE2.

"""
# A remark stands before the line that begins with these characters (after its indent).
REMARKS: dict[Kind, tuple[tuple[str, str], ...]] = {
    Kind.CALL: (
        ("ackpatch_node_name=", "The node name for `kubeadm join`. An assignment, so that a variable of this name from outside does not count. With none of the four variables set this assignment is all that happens."),
        ("ackpatch_kubelet()", "Only builtins up to the check: no function, alias, option, trap or IFS of the script gets in the way."),
        ("case ${ALIBABA", "None of the four is set: nothing happens. A character beyond this list, or no provider ID: the script ends with one line. The list makes each value safe for the shell, awk and systemd at once."),
        ("/usr/bin/env -i", "All else runs in a shell of its own with a clean environment, called by its path. Whatever fails in there ends the script: `|| exit 1`, also without `set -e`, in an `if`, below a trap."),
        ("case $WORDS in *' keep '*)", "`keep`: the text and the checked values are left for shells that start later (`bash -c`, cron, the next boot). A run without values removes them."),
        ("for check in 0 1", "The first pass writes what is missing, the second one looks whether it counts."),
        ("unit=$(systemctl cat", "systemd says which unit and drop-ins count, in which order. No unit yet: one line, and nothing is written, so that a call before an unknown start does no harm and no file is made where a package will lay its own."),
        ("function value(name", "The last assignment to a variable that systemd would put into the command line."),
        ("/^# \\// { ours", "Each file begins with a line `# /path`. Our own drop-in of an earlier run is passed over in the first pass."),
        ("sub(/^[ \\t]*ExecStart", "The last `ExecStart=` after the last empty one is the command line that counts; the same for environment files."),
        ("for (i = 1; i <= paths", "The environment files, in order. A file with continued lines, or with quotes or backslashes inside a value, is read but never written to. The line that an earlier call of ours appended is read without our flags."),
        ("command = exec", "kubelet itself has to be the program. A wrapper, a shell, a container, two command lines: refused, since the end of the line might not be kubelet's."),
        ("for (rest = command", "The command line with the variables filled in: for taints and for `--node-ip`."),
        ("flags = \" --provider-id", "The flags. Of a flag that is given twice kubelet takes the last; labels it unites. So ours go to the end, and the owner's stay."),
        ("asked = ", "The documented recipe sets `--node-ip` to the node name, which is no IP: the address in the name overrides it."),
        ("fits = ", "kubelet exits on labels below kubernetes.io and k8s.io that are none of its own: they are left out, with a line."),
        ("if (match(all, /.*--register", "Of two taint flags kubelet takes only the last, so that taints are united here, by key and effect, the pool's first."),
        ("if (check) exit", "The second pass: our flags are the last ones of the command line, or the script ends."),
        ("if (plain && ", "The documented kubeadm way, where it holds: kubelet's command line ends in `$KUBELET_EXTRA_ARGS`, and the last environment file assigns it. One line is appended; links, mode and owner stay."),
        ("gsub(/ --/", "Everywhere else a drop-in of our own, sorted last, gives the owner's lines again with our flags at their end. It is written beside and moved into place."),
        ('[ "${WORDS##* join *}" ]', "A join on a disk where a kubelet ran before, such as a custom image: with the certificate in that folder kubelet comes up as the old node."),
        ("case $WORDS in *' start '*)", "`systemctl start` does nothing to a kubelet that runs already: it is stopped first, and only then."),
    ),
    Kind.VALUES: (
        ("unset ackpatch_flags", "Names of ours from outside do not count. With none of the four set, this is all that happens."),
        ("case ${ALIBABA", "The same check as in the other block, before the script's first action."),
        ("ackpatch_node_name=", "The flags, without taints."),
        ("while [ -n \"$ackpatch_rest\"", "Labels on which kubelet would exit are left out, with a line."),
        ("ackpatch_labels=", "The same labels as one list: k0s has an option of its own for them."),
        ("ackpatch_rest=${ALIBABA_CLOUD_TAINTS", "Taints of one key and effect are given once."),
    ),
    Kind.AGENT: (
        ("ackpatch_agent()", "The same check of the values as in the other blocks; with none of the four set nothing happens."),
        ("/usr/bin/env -i", "A shell of its own, as in the block for systemd's kubelet."),
        ("for one in $LABELS", "Labels on which kubelet would exit are left out; each of the others is an item of its own, since an agent sets each item as one label later."),
        ("for one in $TAINTS", "Taints of one key and effect are given once."),
        ("for folder", "The file is written beside and moved into place; it sorts last, so that its single values count, and `+` keeps the lists of the script's own files."),
        ("# Given twice", "A fault of releases since 2024-12: an item that has no value takes the item after it with it."),
    ),
}  # fmt: skip


def block_page() -> str:
    """The page."""
    parts = [HEAD]
    for kind in Kind:
        parts.append(f"## {kind.value}\n")
        left = list(REMARKS[kind])
        lines: list[str] = []
        for number, line in enumerate(block(kind).splitlines(), 1):
            if left and line.strip().startswith(left[0][0]):
                parts += [_code(lines), f"\n{left.pop(0)[1]}\n\n"]
                lines = []
            lines.append(f"{number:3} {line}")
        assert not left, left
        parts += [_code(lines), "\n"]
    return "".join(parts)


def _code(lines: list[str]) -> str:
    return "```text\n" + "\n".join(lines) + "\n```\n" if lines else ""
