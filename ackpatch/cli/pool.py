"""The commands that bring a script to a node pool: collect, new, upload, register, publish."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ackpatch.options import Options

_COMMANDS: list[tuple[str, Callable[..., None]]] = []


def _command(example: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    def keep(function: Callable[..., None]) -> Callable[..., None]:
        _COMMANDS.append((example, function))
        return function

    return keep


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module to a command line."""
    for example, function in _COMMANDS:
        app.command(epilog=example)(function)


Context = Annotated[
    str, typer.Option("--context", metavar="NAME", help="Let kubectl take this cluster of the kubeconfig.")
]
Kubeconfig = Annotated[str, typer.Option("--kubeconfig", metavar="FILE", help="Let kubectl take this kubeconfig.")]
JoinFile = Annotated[
    str,
    typer.Option("--join-command-file", metavar="FILE", help="Read here what kubeadm printed; - is standard input."),
]


@_command("Example: ackpatch collect --ttl 24h -o values.toml")
def collect(
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Write the values here, readable by you only.")
    ],
    context: Context = "",
    kubeconfig: Kubeconfig = "",
    ttl: Annotated[
        str, typer.Option("--ttl", metavar="TIME", help="Let the join token live so long; 0 is for ever.")
    ] = "24h",
    join_command_file: JoinFile = "",
    force: Annotated[bool, typer.Option("--force", help="Replace an older file.")] = False,
) -> None:
    """Read versions and runtime from the cluster, and make a join command, for ackpatch new."""
    from ackpatch.cli import bootstrap

    options = bootstrap.Collecting(context, kubeconfig, ttl, join_command_file, output, force)
    raise typer.Exit(bootstrap.collect(options))


def _options(script: str) -> Options:
    """The options of a bootstrap script in its project."""
    from ackpatch.cli.config import options_for
    from ackpatch.options import Options

    return options_for(script, Options(bootstrap=True))


class RuntimeName(str, Enum):
    """The container runtimes that a script can install."""

    CONTAINERD = "containerd"
    DOCKER = "docker"


class SystemName(str, Enum):
    """The package managers that a script can use."""

    AUTO = "auto"
    YUM = "yum"
    APT = "apt"


@_command("Example: ackpatch new --from values.toml -o join-ecs-nodes.sh")
def new(
    values: Annotated[
        str, typer.Option("--from", metavar="FILE", help="Take the values that ackpatch collect wrote.")
    ] = "",
    kube_version: Annotated[
        str,
        typer.Option("--kube-version", metavar="VERSION", help="Install this version, the control plane's: 1.28.2."),
    ] = "",
    runtime: Annotated[RuntimeName | None, typer.Option("--runtime", help="Install this container runtime.")] = None,
    runtime_version: Annotated[
        str, typer.Option("--runtime-version", metavar="VERSION", help="Install this version of it: 1.7.13.")
    ] = "",
    join_command_file: JoinFile = "",
    os: Annotated[
        SystemName, typer.Option("--os", help="Make the script for these packages; auto finds out on the node.")
    ] = SystemName.AUTO,
    package_repo: Annotated[
        str,
        typer.Option(
            "--package-repo",
            metavar="NAME",
            help="Take packages from aliyun, community, aliyun-legacy or a web address.",
        ),
    ] = "auto",
    pause_image: Annotated[
        str, typer.Option("--pause-image", metavar="IMAGE", help="Take the sandbox image from this mirror.")
    ] = "",
    cri_dockerd_url: Annotated[
        str, typer.Option("--cri-dockerd-url", metavar="URL", help="Fetch Docker's adapter from here.")
    ] = "",
    cri_dockerd_sha256: Annotated[
        str, typer.Option("--cri-dockerd-sha256", metavar="DIGITS", help="Verify the adapter by this checksum.")
    ] = "",
    cgroup_driver: Annotated[
        str,
        typer.Option(
            "--cgroup-driver", metavar="NAME", help="Set systemd or cgroupfs, where the cluster's kubelets do."
        ),
    ] = "auto",
    gpu: Annotated[str, typer.Option("--gpu", metavar="REPOSITORY", help="Install a GPU's driver from here.")] = "",
    gpu_key: Annotated[
        str, typer.Option("--gpu-key", metavar="URL", help="Verify its packages by this key, not by the gpgkey in it.")
    ] = "",
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Write here, not to standard output.")
    ] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace an older file.")] = False,
) -> None:
    """Write a bootstrap script from nothing, injection included."""
    from ackpatch.bootstrap.script import CRI_DOCKERD_URL, NodeSetup
    from ackpatch.cli import bootstrap

    name = runtime.value if runtime is not None else ""
    adapter = cri_dockerd_url or CRI_DOCKERD_URL
    setup = NodeSetup(
        kube_version=kube_version,
        runtime=name,
        runtime_version=runtime_version,
        join_command="",
        os=os.value,
        package_repo=package_repo,
        pause_image=pause_image,
        cri_dockerd_url=adapter,
        cri_dockerd_sha256=cri_dockerd_sha256,
        gpu_repository=gpu,
        gpu_key=gpu_key,
        cgroup_driver=cgroup_driver,
    )
    raise typer.Exit(bootstrap.new(bootstrap.Making(values, join_command_file, output, force, setup)))


@_command("Example: ackpatch register https://example.com/join.sh --dry-run")
def register(
    url: Annotated[str, typer.Argument(metavar="[URL]", help="Register this address of the script.")] = "",
    show: Annotated[bool, typer.Option("--show", help="Print the registered address.")] = False,
    check: Annotated[str, typer.Option("--check", metavar="URL", help="Exit 1 when another one is registered.")] = "",
    clear: Annotated[bool, typer.Option("--clear", help="Take the address away.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Let the cluster check the change, and write nothing.")] = (
        False
    ),
    context: Context = "",
    kubeconfig: Kubeconfig = "",
) -> None:
    """Tell the cluster's agent where the script is: the key addNodeScriptPath of the ConfigMap ack-agent-config."""
    from ackpatch.cli import register as registering
    from ackpatch.kubectl import Kubectl

    options = registering.Registering(url, show, check, clear, yes, dry_run, Kubectl(context, kubeconfig))
    raise typer.Exit(registering.run(options))


Destination = Annotated[
    str, typer.Argument(metavar="DESTINATION", help="Where it goes: oss://BUCKET/KEY, https://…, file:///… or a path.")
]
Region = Annotated[
    str, typer.Option("--region", metavar="NAME", help="Look for the bucket in this region: cn-hangzhou.")
]
Endpoint = Annotated[
    str, typer.Option("--endpoint", metavar="HOST", help="Send it here, not to the region's public endpoint.")
]
Internal = Annotated[bool, typer.Option("--internal-url", help="Print the address inside the region's VPC.")]
Public = Annotated[bool, typer.Option("--public", help="Make the object readable by everybody.")]
PublicToken = Annotated[bool, typer.Option("--allow-public-token", help="Put it there even if it holds a join token.")]
Address = Annotated[
    str, typer.Option("--address", metavar="URL", help="Say what a web server calls the file of a path.")
]
NoVerify = Annotated[bool, typer.Option("--no-verify", help="Do not fetch it as the agent would.")]
Overwrite = Annotated[bool, typer.Option("--force", help="Replace another content that lies there.")]


@_command("Example: ackpatch upload join.sh oss://scripts/join.sh --public")
def upload(
    script: Annotated[str, typer.Argument(metavar="SCRIPT", help="The bootstrap script.")],
    destination: Destination,
    region: Region = "",
    endpoint: Endpoint = "",
    internal_url: Internal = False,
    public: Public = False,
    allow_public_token: PublicToken = False,
    address: Address = "",
    presign: Annotated[int, typer.Option("--presign", metavar="DAYS", help="Print a signed address.")] = 0,
    no_check: Annotated[
        bool, typer.Option("--no-check", help="Put it there even if kubelet starts without the values.")
    ] = False,
    no_verify: NoVerify = False,
    force: Overwrite = False,
) -> None:
    """Put a script where the cluster can reach it, read it back, and print its address."""
    from ackpatch.cli import upload as uploading
    from ackpatch.pool import Uploading, Where

    where = Where(destination, region, endpoint, internal_url, public, address)
    how = Uploading(where, force, allow_public_token, not no_check, not no_verify, presign, _options(script))
    raise typer.Exit(uploading.run(script, how))


@_command("Example: ackpatch publish join.sh oss://scripts/join.sh --dry-run")
def publish(
    script: Annotated[str, typer.Argument(metavar="SCRIPT", help="The bootstrap script.")],
    destination: Destination,
    region: Region = "",
    endpoint: Endpoint = "",
    internal_url: Internal = False,
    public: Public = False,
    allow_public_token: PublicToken = False,
    address: Address = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do all that changes nothing.")] = False,
    renew: Annotated[bool, typer.Option("--renew", help="Put a new join token in first; kubeadm makes it.")] = False,
    ttl: Annotated[str, typer.Option("--ttl", metavar="TIME", help="Let a renewed token live so long.")] = "24h",
    no_rehearse: Annotated[bool, typer.Option("--no-rehearse", help="Do not rehearse the script.")] = False,
    no_verify: NoVerify = False,
    force: Overwrite = False,
    context: Context = "",
    kubeconfig: Kubeconfig = "",
) -> None:
    """Apply, rehearse, upload, verify and register; stop at the first step that fails.

    Shows the plan first and asks once. Nothing is changed before the cluster has answered.
    """
    from ackpatch.cli import publish as publishing
    from ackpatch.pool import Kubectl, Publishing, Where

    where = Where(destination, region, endpoint, internal_url, public, address)
    cluster = Kubectl(context, kubeconfig)
    how = Publishing(
        where=where,
        kubectl=cluster,
        name=script,
        dry_run=dry_run,
        renew=renew,
        ttl=ttl,
        rehearse=not no_rehearse,
        verify=not no_verify,
        force=force,
        allow_public_token=allow_public_token,
        options=_options(script),
    )
    raise typer.Exit(publishing.run(how, yes))
