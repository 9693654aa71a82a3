"""Where a stand-in asks: process 1 takes the question, adds the files it is about, and passes it to the caller.

The caller has the reading of systemd and kubeadm loaded; to load it into process 1 would cost each rehearsal 35 ms.
A request is a record in the request fifo: the number of fields, the name of the reply fifo, the question, its
arguments, each ended by a NUL. The reply is text with a line of one dot after it, written to the reply fifo, which the
asker holds open.
"""

import os
import stat

from ackpatch.rehearse import channel, harvest, namespaces
from ackpatch.rehearse.places import REPLIES, REQUESTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG_LIMIT = 1024 * 1024
REQUEST_LIMIT = 65536
SOCKETS = {
    "containerd.service": "/run/containerd/containerd.sock",
    "docker.service": "/run/docker.sock",
    "cri-docker.service": "/run/cri-dockerd.sock",
    "cri-docker.socket": "/run/cri-dockerd.sock",
    "crio.service": "/run/crio/crio.sock",
}


def open_requests() -> int:
    """The request fifo, opened for both directions so that it never reports an end."""
    os.mkfifo(REQUESTS, 0o600)
    return os.open(REQUESTS, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)


def serve(requests: int, to_caller: int, from_caller: int) -> None:
    """Pass on what lies in the request fifo. A malformed request gets no answer and does no harm."""

    def ask(question: list[str]) -> str:
        if question[:1] == ["set-host-name"]:
            return _set_host_name(question[-1])
        if question[:1] == ["socket"]:
            return _make_socket(question[-1])
        channel.send(to_caller, {"question": question, "files": files_for(question)})
        return str(channel.receive(from_caller)["answer"])

    answer_requests(requests, ask)


def answer_requests(requests: int, answer: "Callable[[list[str]], str]") -> None:
    """Answer what lies in the request fifo."""
    fields = os.read(requests, REQUEST_LIMIT).decode("utf-8", "surrogateescape").split("\0")
    while len(fields) > 1 and fields[0].isascii() and fields[0].isdigit() and 0 < int(fields[0]) < len(fields):
        count = int(fields[0])
        reply, *question = fields[1 : 1 + count]
        fields = fields[1 + count :]
        _reply(reply, answer(question))


def _set_host_name(name: str) -> str:
    """The script's root has no right to do this by itself."""
    try:
        namespaces.set_host_name(name)
    except OSError as error:
        return f"{error.strerror}\n"
    return ""


def _make_socket(unit: str) -> str:
    """The socket of a container runtime; nobody listens on it, but a script that looks for it goes on."""
    path = SOCKETS.get(unit)
    if path is not None and not os.path.lexists(path):
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            os.mknod(path, stat.S_IFSOCK | 0o660)
        except OSError as error:
            return f"{error.strerror}\n"
    return ""


def files_for(question: list[str]) -> dict[str, bytes]:
    """What the caller needs to answer: the files of a start, or the file that the last argument names."""
    if question[:1] == ["kubeadm-arguments"]:
        content = harvest.read_file(question[-1], CONFIG_LIMIT) if question[-1] else None
        return {} if content is None else {question[-1]: content}
    if len(question) > 1:
        return {path: content for path, (_, content, link) in harvest.snapshot(question[1]).items() if link is None}
    return {}


def _reply(reply: str, text: str) -> None:
    path = f"{REPLIES}/{os.path.basename(reply)}"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.write(descriptor, (text + ".\n").encode("utf-8", "surrogateescape"))
    except OSError:
        pass
    finally:
        os.close(descriptor)
