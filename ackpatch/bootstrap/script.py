"""Puts a bootstrap script together from its parts, and gives it the injection."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ackpatch.api import patch
from ackpatch.bootstrap.join import join_words
from ackpatch.bootstrap.repositories import Repository, repository
from ackpatch.bootstrap.versions import kubernetes_version, runtime_version
from ackpatch.errors import AckpatchError, UsageError

PARTS = Path(__file__).parent / "parts"
FAMILIES = {"auto": ("yum", "apt"), "yum": ("yum",), "apt": ("apt",)}
RUNTIMES = ("containerd", "docker")
# From this version on kubelet speaks to Docker through an adapter, and sockets are given as addresses.
WITHOUT_DOCKERSHIM = (1, 24)
CRI_DOCKERD_URL = "https://github.com/Mirantis/cri-dockerd/releases/download/v0.3.15/cri-dockerd-0.3.15.amd64.tgz"
# What shellcheck says of the injection, whose awk programs and subshells are meant.
_DISABLED = "SC2016,SC2030,SC2031,SC2034,SC2120,SC2154"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_HARMLESS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/:@=+,%~-"


@dataclass(frozen=True, slots=True)
class NodeSetup:
    """What the script shall be. Versions with or without ``v``; ``os`` is auto, yum or apt.

    ``package_repo`` is a name of ``repositories.NAMES`` or an address; ``cri_dockerd_sha256`` is the checksum of the
    Docker adapter, needed where that is. ``gpu_repository`` is empty for a script that stops on a machine with a GPU;
    ``gpu_key`` is the address of its key, ``gpgkey`` in it if empty. ``cgroup_driver`` is auto (what kubeadm of that
    version gives kubelet), systemd or cgroupfs.
    """

    kube_version: str
    runtime: str
    runtime_version: str
    join_command: str
    os: str = "auto"
    package_repo: str = "auto"
    pause_image: str = ""
    cri_dockerd_url: str = CRI_DOCKERD_URL
    cri_dockerd_sha256: str = ""
    gpu_repository: str = ""
    gpu_key: str = ""
    cgroup_driver: str = "auto"


def write_script(setup: NodeSetup) -> str:
    """The script, injection included; raises UsageError for a wish that cannot be met."""
    result = patch(plain_script(setup))
    if result.errors or not result.changed:
        raise AckpatchError(f"the script could not be given the injection: {result.errors}; please report this")
    return result.patched


def plain_script(setup: NodeSetup) -> str:
    """The script without the injection."""
    version = kubernetes_version(setup.kube_version)
    if setup.runtime not in RUNTIMES:
        raise UsageError(f"runtime {setup.runtime!r}: give one of {', '.join(RUNTIMES)}")
    if setup.os not in FAMILIES:
        raise UsageError(f"os {setup.os!r}: give one of {', '.join(FAMILIES)}")
    runtime = runtime_version(setup.runtime, setup.runtime_version)
    words = join_words(setup.join_command)
    for name in ("pause_image", "cri_dockerd_url", "gpu_repository", "gpu_key"):
        value = getattr(setup, name)
        if any(one not in _HARMLESS for one in value) or (
            value and not name.startswith("pause") and "://" not in value
        ):
            raise UsageError(
                f"{name.replace('_', ' ')} {value!r} is no address, or holds a character that does not belong there"
            )
    if setup.gpu_repository and not (setup.gpu_key or setup.gpu_repository).startswith("https://"):
        raise UsageError("the key of the GPU's repository has to come by https: give it by --gpu-key")
    adapter = setup.runtime == "docker" and version[:2] >= WITHOUT_DOCKERSHIM
    if adapter and not _SHA256.fullmatch(setup.cri_dockerd_sha256):
        raise UsageError(
            "with Docker, Kubernetes since 1.24 needs cri-dockerd: give its --cri-dockerd-sha256, 64 digits from: "
            f"curl -fsSL {setup.cri_dockerd_url} | sha256sum"
        )
    socket = _socket(setup.runtime, version, words)
    parts = ["common", "system", *(f"packages-{one}" for one in FAMILIES[setup.os]), "prepare", setup.runtime]
    parts += ["cri-dockerd"] if adapter else []
    parts += ["gpu" if setup.gpu_repository else "gpu-none", "node"]
    places = repository(setup.package_repo, version)
    number = ".".join(map(str, version))
    settings = _settings(setup, number, runtime, places, socket)
    return "\n".join(
        [
            _head(setup, number, runtime, settings),
            *(_part(one) for one in parts),
            _join(words, socket),
            _part("main").replace("    install_runtime\n", "    install_runtime\n" + "    install_adapter\n" * adapter),
        ]
    )


def _socket(runtime: str, version: tuple[int, int, int], words: list[str]) -> str:
    """The runtime's socket as kubeadm of that version takes it; empty where kubeadm finds it or it was given."""
    if any(word.partition("=")[0] == "--cri-socket" for word in words):
        return ""
    if runtime == "docker":
        return "unix:///run/cri-dockerd.sock" if version[:2] >= WITHOUT_DOCKERSHIM else ""
    path = "/run/containerd/containerd.sock"
    return f"unix://{path}" if version[:2] >= WITHOUT_DOCKERSHIM else path


def _settings(setup: NodeSetup, number: str, runtime: str, places: Repository, socket: str) -> dict[str, str]:
    settings = {
        "KUBE_VERSION": number,
        "RUNTIME_VERSION": runtime,
        "CGROUP_DRIVER": _cgroup_driver(setup, number),
        "PAUSE_IMAGE": setup.pause_image,
        "CRI_SOCKET": socket,
        "FAMILIES": " ".join(FAMILIES[setup.os]),
    }
    if "yum" in FAMILIES[setup.os]:
        settings |= {
            "YUM_KUBERNETES": places.yum,
            "YUM_KUBERNETES_KEY": places.yum_key,
            "YUM_DOCKER": f"{places.docker}/centos",
        }
    if "apt" in FAMILIES[setup.os]:
        settings |= {"APT_KUBERNETES": places.apt, "APT_KUBERNETES_KEY": places.apt_key, "APT_DOCKER": places.docker}
    if setup.runtime == "docker" and socket:
        settings |= {"CRI_DOCKERD_URL": setup.cri_dockerd_url, "CRI_DOCKERD_SHA256": setup.cri_dockerd_sha256}
    if setup.gpu_repository:
        settings |= {"RUNTIME": setup.runtime, "GPU_REPOSITORY": setup.gpu_repository}
        settings["GPU_REPOSITORY_KEY"] = setup.gpu_key or f"{setup.gpu_repository.rstrip('/')}/gpgkey"
    return settings


def _cgroup_driver(setup: NodeSetup, number: str) -> str:
    """kubeadm gives kubelet systemd's cgroups since 1.22; before, its own default, but for Docker what that has."""
    if setup.cgroup_driver not in ("auto", "systemd", "cgroupfs"):
        raise UsageError(f"cgroup driver {setup.cgroup_driver!r}: give auto, systemd or cgroupfs")
    if setup.cgroup_driver != "auto":
        return setup.cgroup_driver
    old = kubernetes_version(number)[:2] < (1, 22)
    return "cgroupfs" if old and setup.runtime == "containerd" else "systemd"


def _head(setup: NodeSetup, number: str, runtime: str, settings: dict[str, str]) -> str:
    lines = [f"{name}={shlex.quote(value) if value else ''}" for name, value in settings.items()]
    return (
        "#!/bin/bash\n"
        f"# Makes a fresh machine a worker of the cluster: {setup.runtime} {runtime}, Kubernetes {number}.\n"
        "# Made by ackpatch new. To be run as root; safe to be run again.\n"
        f"# shellcheck disable={_DISABLED}\n"
        "set -euo pipefail\n\n" + "\n".join(lines) + "\n"
    )


def _join(words: list[str], socket: str) -> str:
    """The join as a plain command, one option a line, where the injection can be read."""
    pieces = [[words[2]]] if len(words) > 2 and not words[2].startswith("-") else []
    for word in words[2 + len(pieces) :]:
        if word.startswith("-") or not pieces:
            pieces.append([word])
        else:
            pieces[-1].append(word)
    if socket:
        pieces.append(["--cri-socket", socket])
    text = " \\\n        ".join(" ".join(map(shlex.quote, piece)) for piece in pieces)
    return f"join_cluster() {{\n    kubeadm join {text}\n}}\n"


@cache
def _part(name: str) -> str:
    """A part without the line that is for the linter."""
    text = (PARTS / f"{name}.sh").read_text(encoding="utf-8")
    return text.removeprefix("# shellcheck shell=bash\n")
