"""Where the packages come from: the layouts of Kubernetes' repositories and of Docker's, and their mirrors."""

from __future__ import annotations

from dataclasses import dataclass

from ackpatch.errors import UsageError

# The legacy layout has every version up to this one in one place; the current one has a place for each minor version.
LAST_LEGACY = (1, 28)
FIRST_CURRENT = (1, 24)
# The community's own legacy repository was taken down in March 2024; its mirror is still there.
_LEGACY = {
    "aliyun-legacy": ("https://mirrors.aliyun.com/kubernetes/yum", "https://mirrors.aliyun.com/kubernetes/apt"),
}
_CURRENT = {
    "community": "https://pkgs.k8s.io/core:/stable:/v{minor}",
    "aliyun": "https://mirrors.aliyun.com/kubernetes-new/core/stable/v{minor}",
}
NAMES = ("auto", *_CURRENT, *_LEGACY)
DOCKER = {"aliyun": "https://mirrors.aliyun.com/docker-ce/linux", "community": "https://download.docker.com/linux"}


@dataclass(frozen=True, slots=True)
class Repository:
    """Addresses for yum and apt, with the addresses of their keys; apt's has the suite after it."""

    yum: str
    yum_key: str
    apt: str
    apt_key: str
    docker: str


def repository(name: str, version: tuple[int, int, int]) -> Repository:
    """The repository of a name or an address; raises UsageError where it has nothing of that version.

    ``auto`` is Alibaba Cloud's mirror of the layout that has the version. An address is one in the current layout, with
    ``rpm/`` and ``deb/`` below it; ``{minor}`` in it becomes the minor version.
    """
    minor = f"{version[0]}.{version[1]}"
    if name == "auto":
        name = "aliyun" if version[:2] >= FIRST_CURRENT else "aliyun-legacy"
    docker = DOCKER["community" if name.startswith("community") else "aliyun"]
    if name in _LEGACY:
        if version[:2] > LAST_LEGACY:
            raise UsageError(f"the repository {name} has nothing after 1.28; use aliyun or community")
        yum, apt = _LEGACY[name]
        return Repository(
            f"{yum}/repos/kubernetes-el7-x86_64",
            f"{yum}/doc/rpm-package-key.gpg",
            f"{apt} kubernetes-xenial main",
            f"{apt}/doc/apt-key.gpg",
            docker,
        )
    if name in _CURRENT:
        if version[:2] < FIRST_CURRENT:
            raise UsageError(f"the repository {name} begins with 1.24; use aliyun-legacy")
        base = _CURRENT[name]
    else:
        base = _address(name)
    base = base.replace("{minor}", minor).rstrip("/")
    return Repository(
        f"{base}/rpm/", f"{base}/rpm/repodata/repomd.xml.key", f"{base}/deb/ /", f"{base}/deb/Release.key", docker
    )


def _address(text: str) -> str:
    harmless = all("!" <= one <= "~" and one not in "\"'`\\$;&|<>()?#" for one in text)
    if not text.startswith(("https://", "http://")) or not harmless:
        raise UsageError(f"package repository {text!r}: give one of {', '.join(NAMES)}, or a web address")
    return text
