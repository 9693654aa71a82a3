"""Which kind of node a script is made for, told from its own words; a guess that is always shown."""

import re
from dataclasses import dataclass

IMAGES = ("rpm", "deb", "binary", "agent")
_DEB = re.compile(rb"\bapt(-get)?[ \t]|\bdpkg[ \t]|\.deb\b|/etc/default/kubelet\b")
_RPM = re.compile(rb"\b(yum|dnf|microdnf|tdnf|zypper|rpm)[ \t]|\.rpm\b|/etc/sysconfig/kubelet\b|/etc/yum")
_AGENT = re.compile(rb"\b(?:k3s|rke2|k0s)\b|system-agent-install")
# A package manager, and on the same line, also a continued one, what it installs.
_PACKAGES = re.compile(
    rb"\b(yum|dnf|microdnf|tdnf|zypper|rpm|apt|apt-get|dpkg)[ \t](?:[^\n]|\\\n)*(?:kube(let|adm)|[$*])", re.IGNORECASE
)


@dataclass(frozen=True)
class Image:
    """The layout of the root, as ``rehearse`` takes it, and what spoke for it."""

    family: str
    why: str


def images_for(name: str, script: bytes, binary: bool) -> list[Image]:
    """The images to try, the likeliest first, until kubelet can be started on one.

    ``name`` is ``auto``, one of ``IMAGES``, or a family of ``rehearse``; ``binary`` says that the script installs
    kubelet without a package. Only byte patterns of the script's code lines are looked at.
    """
    if name not in (*IMAGES, "auto"):
        return [Image(name, "as asked")]
    code = b"\n".join(line for line in script.split(b"\n") if not line.lstrip().startswith(b"#"))
    if name in ("binary", "agent"):
        return [Image(name, "as asked")]
    agent = name == "auto" and _AGENT.search(code) is not None
    brings = _PACKAGES.search(code) is not None
    if name != "auto":
        return _both_ways(Image(name, "as asked"), brings)
    deb, rpm = _DEB.search(code), _RPM.search(code)
    first, second = ("deb", "rpm") if deb and not rpm else ("rpm", "deb")
    told = deb if first == "deb" else rpm
    why = f"the script says {told[0].decode('ascii', 'replace').strip()!r}" if told else "nothing in it tells otherwise"
    other = Image(second, f"on one of the kind {first} it starts no kubelet")
    if agent:
        return [Image(first, why), Image("agent", "the agent is there already")]
    packaged = [*_both_ways(Image(first, why), brings), *_both_ways(other, brings)]
    return (
        [Image("binary", "the script installs kubelet without a package"), *packaged]
        if binary and not brings
        else packaged
    )


def _both_ways(image: Image, brings: bool) -> list[Image]:
    """A layout without kubelet and kubeadm and with them, the likelier first; ``brings``: the script installs."""
    there = Image(f"{image.family}+installed", f"{image.why}; kubelet is there already")
    return [image, there] if brings else [there]
