"""The short texts that ackpatch puts into a script, each known by its whole form; a block defines what they use.

Each has the reserved prefix ``ackpatch_`` or our folder ``/var/lib/ackpatch``.
"""

from __future__ import annotations

CALL = "ackpatch_kubelet"
AGENT = "ackpatch_agent"
# The name of the drop-in that the call writes: after those of packages.
OWN_DROP_IN = "zz-ackpatch.conf"
KEPT = "/var/lib/ackpatch/kubelet"
KEPT_NAME = "/var/lib/ackpatch/node-name"

NODE_NAME = '${ackpatch_node_name:+"--node-name=$ackpatch_node_name"}'
NODE_NAME_IN_TEXT = "${ackpatch_node_name:+ --node-name=$ackpatch_node_name}"
NODE_NAME_KEPT = f"$([ ! -e {KEPT_NAME} ] || cat {KEPT_NAME})"
FLAGS_IN_TEXT = "${ackpatch_flags:+ $ackpatch_flags}${ackpatch_taints:+ --register-with-taints=$ackpatch_taints}"
FLAGS = '${ackpatch_flags:+$ackpatch_flags} ${ackpatch_taints:+"--register-with-taints=$ackpatch_taints"}'
WORKER = (
    '${ackpatch_flags:+"--kubelet-extra-args=--provider-id=$ALIBABA_CLOUD_PROVIDER_ID'
    '${ackpatch_node_name:+ --hostname-override=$ackpatch_node_name}"} '
    '${ackpatch_labels:+"--labels=$ackpatch_labels"} ${ackpatch_taints:+"--taints=$ackpatch_taints"}'
)
KEEP_LINES = f"[ ! -e {KEPT} ] || /bin/rm -f {KEPT} {KEPT_NAME}\n{CALL} keep\n"
SHIPPED = f" {CALL}"  # after declare -f
EXPORT_LINE = f"export -f {CALL} && export ackpatch_node_name\n"
OWN_LINE = '[ "${ALIBABA_CLOUD_PROVIDER_ID-}" ] || ackpatch_node_name=\n'
OWN = '{ [ -z "${ALIBABA_CLOUD_PROVIDER_ID-}" ] || '
ASIDE_LINE = (
    'if [ -z "${ALIBABA_CLOUD_PROVIDER_ID-}" ]; then # ackpatch:2 the injection by hand rests with the values\n'
)
ASIDE_END = "fi # ackpatch:2 end of the injection by hand\n"


def call(words: tuple[str, ...], contained: bool, name: str = CALL, own: bool = False) -> str:
    """A call as a command; ``contained``: an exit there would end only a part of the script. ``own``: the script
    has values of its own, which count in a node pool only.
    """
    text = " ".join((name, *words))
    text = f"{OWN}{text}; }}" if own else text
    return f'if ! ({text}); then kill "$$" && exit 1; fi' if contained else text


def kept_call(words: tuple[str, ...]) -> str:
    """A call for another shell: it runs what a call with ``keep`` has left, if that is there."""
    return f"if [ -e {KEPT} ]; then {' '.join(('/bin/sh -eu', KEPT, *words))} || exit 1; fi"
