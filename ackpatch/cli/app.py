"""The commands with their arguments; each hands over to a module of its own."""

from __future__ import annotations

import sys
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ackpatch.cli.examine import Wanted

app = typer.Typer(
    name="ackpatch",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Give a node-bootstrap script the four values that an ACK One registered cluster injects at scale-out.",
)


class ModeName(str, Enum):
    """How kubelet was installed."""

    AUTO = "auto"
    KUBEADM = "kubeadm"
    BINARY = "binary"


class FormatName(str, Enum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"


Scripts = Annotated[list[str], typer.Argument(metavar="SCRIPT...", help="Shell scripts; - is standard input.")]
ModeOption = Annotated[
    ModeName | None, typer.Option("--mode", help="auto, the default, decides from what the script does.")
]
NodeIp = Annotated[bool, typer.Option("--with-node-ip", help="Also give kubelet --node-ip, taken from the node name.")]
Keep = Annotated[bool, typer.Option("--keep-existing", help="Leave an older injection as it is.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Replace the file without asking.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what a person changed in ackpatch's own text.")]
Select = Annotated[
    list[str] | None,
    typer.Option("--select", metavar="CODES", help="Tell only these findings: ACK227, or ACK2 for all that begin so."),
]
Ignore = Annotated[list[str] | None, typer.Option("--ignore", metavar="CODES", help="Do not tell these findings.")]
Format = Annotated[FormatName, typer.Option("--format", "-f", help="text, or a format for other programs.")]
Html = Annotated[str, typer.Option("--html", metavar="FILE", help="Also write one page to look at in a browser.")]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=0, help="Scripts at a time; 0: one for each processor.")]


def _codes(given: list[str] | None) -> tuple[str, ...]:
    return tuple(code for one in given or [] for code in one.split(","))


@app.callback(invoke_without_command=True)
def root(
    ctx: typer.Context, version: Annotated[bool, typer.Option("--version", "-V", help="Show the version.")] = False
) -> None:
    """Answer what is asked of the program as a whole."""
    if version:
        from ackpatch import __version__

        print(f"ackpatch {__version__}")
        raise typer.Exit


@app.command(epilog="Example: ackpatch apply --yes join-node.sh")
def apply(
    scripts: Scripts,
    yes: Yes = False,
    output: Annotated[str, typer.Option("--output", "-o", help="Write here and leave the input alone.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Overwrite --output; drop changes in our own text.")] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Write what can be covered although an error stays.")
    ] = False,
    backup: Annotated[bool, typer.Option("--backup", help="Keep the original as SCRIPT.orig.")] = False,
    mode: ModeOption = None,
    with_node_ip: NodeIp = False,
    keep_existing: Keep = False,
    rehearsed: Annotated[
        bool, typer.Option("--rehearse", help="Write only if a rehearsal of the result holds.")
    ] = False,
    select: Select = None,
    ignore: Ignore = None,
) -> None:
    """Show the change as a diff, ask, and write it."""
    from ackpatch.cli.apply import Writing, apply_files

    wanted = _wanted(mode, with_node_ip, keep_existing, select, ignore, partial, force)
    raise typer.Exit(apply_files(scripts, Writing(yes, output, backup, rehearsed, wanted)))


@app.command(epilog="Example: ackpatch diff join-node.sh | git apply")
def diff(
    scripts: Scripts,
    mode: ModeOption = None,
    with_node_ip: NodeIp = False,
    keep_existing: Keep = False,
    side_by_side: Annotated[bool, typer.Option("--side-by-side", help="In two columns, on a wide terminal.")] = False,
    format_: Format = FormatName.TEXT,
    html: Html = "",
    jobs: Jobs = 0,
    select: Select = None,
    ignore: Ignore = None,
) -> None:
    """Show the change as a diff that git apply takes; write nothing. Exit code 1 when a change is needed."""
    from ackpatch.cli.show import Showing, diff_files

    wanted = _wanted(mode, with_node_ip, keep_existing, select, ignore)
    raise typer.Exit(diff_files(scripts, wanted, Showing(format_.value, html, jobs, side_by_side)))


@app.command(epilog="Example: ackpatch check join-node.sh")
def check(
    scripts: Scripts,
    mode: ModeOption = None,
    format_: Format = FormatName.TEXT,
    html: Html = "",
    jobs: Jobs = 0,
    select: Select = None,
    ignore: Ignore = None,
) -> None:
    """Exit 0 when every kubelet start carries the values, 1 when apply can mend it, 2 when it cannot."""
    from ackpatch.cli.show import Showing, check_files

    wanted = _wanted(mode, False, False, select, ignore)
    raise typer.Exit(check_files(scripts, wanted, Showing(format_.value, html, jobs)))


@app.command(epilog="Example: ackpatch inspect join-node.sh")
def inspect(
    scripts: Scripts,
    mode: ModeOption = None,
    format_: Format = FormatName.TEXT,
    html: Html = "",
    jobs: Jobs = 0,
    select: Select = None,
    ignore: Ignore = None,
) -> None:
    """Show what was understood: every start, join and write, in the order in which they run."""
    from ackpatch.cli.show import Showing, inspect_files

    wanted = _wanted(mode, False, False, select, ignore, partial=True)
    raise typer.Exit(inspect_files(scripts, wanted, Showing(format_.value, html, jobs)))


def _wanted(
    mode: ModeName | None,
    with_node_ip: bool,
    keep_existing: bool,
    select: list[str] | None,
    ignore: list[str] | None,
    partial: bool = False,
    force: bool = False,
) -> Wanted:
    from ackpatch.cli.examine import Wanted

    name = mode.value if mode is not None else None
    return Wanted(name, with_node_ip, keep_existing, partial, force, _codes(select), _codes(ignore))


@app.command(epilog="Example: ackpatch revert --yes join-node.sh")
def revert(scripts: Scripts, yes: Yes = False, force: Force = False) -> None:
    """Take ackpatch's edits out again; the bytes are the original's."""
    from ackpatch.cli.apply import revert_files

    raise typer.Exit(revert_files(scripts, yes, force))


class ImageName(str, Enum):
    """What the node of a rehearsal looks like."""

    AUTO = "auto"
    RPM = "rpm"
    DEB = "deb"
    BINARY = "binary"


@app.command(epilog="Example: ackpatch rehearse join-node.sh --set ALIBABA_CLOUD_PROVIDER_ID=cn-hangzhou.i-bp1")
def rehearse(
    scripts: Scripts,
    values: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Set only these of the four variables.")
    ] = None,
    unset: Annotated[bool, typer.Option("--unset", help="Run only without the four variables.")] = False,
    args: Annotated[str, typer.Option("--args", metavar="WORDS", help="Arguments for the script, quoted as one.")] = "",
    env: Annotated[
        list[str] | None, typer.Option("--env", metavar="NAME=VALUE", help="Another variable that the script needs.")
    ] = None,
    image: Annotated[ImageName, typer.Option("--image", help="The node; auto tells it from the script.")] = (
        ImageName.AUTO
    ),
    files: Annotated[
        list[str] | None,
        typer.Option("--file", metavar="PATH=LOCAL", help="Put a local file at PATH on the node, or behind a URL."),
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds for each run.")] = 20.0,
    systemd: Annotated[int, typer.Option("--systemd", min=219, help="The version whose rules apply.")] = 252,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a script.")] = False,
) -> None:
    """Run the script in a throw-away root and show the command line that kubelet would get at each start.

    It runs once with realistic values and once without. Exit code 0 when every start carries the values and nothing
    else changes, 1 when something is wrong, 2 when it cannot be rehearsed here.
    """
    from ackpatch.cli.rehearse import Rehearsing, rehearse_files

    options = Rehearsing(values or [], unset, args, image.value, env or [], files or [], timeout, systemd, as_json)
    raise typer.Exit(rehearse_files(scripts, options))


Context = Annotated[str, typer.Option("--context", help="kubectl's own: which cluster of the kubeconfig.")]
Kubeconfig = Annotated[str, typer.Option("--kubeconfig", help="kubectl's own: which kubeconfig.")]
JoinFile = Annotated[
    str, typer.Option("--join-command-file", metavar="FILE", help="What kubeadm printed; - is standard input.")
]


@app.command(epilog="Example: ackpatch collect --ttl 24h -o values.toml")
def collect(
    output: Annotated[str, typer.Option("--output", "-o", help="Write the values here; only you can read it.")],
    context: Context = "",
    kubeconfig: Kubeconfig = "",
    ttl: Annotated[str, typer.Option("--ttl", help="How long the join token shall live; 0 is for ever.")] = "24h",
    join_command_file: JoinFile = "",
    force: Annotated[bool, typer.Option("--force", help="Replace an older file.")] = False,
) -> None:
    """Read versions and runtime from the cluster, and make a join command, for ackpatch new."""
    from ackpatch.cli import bootstrap

    options = bootstrap.Collecting(context, kubeconfig, ttl, join_command_file, output, force)
    raise typer.Exit(bootstrap.collect(options))


class RuntimeName(str, Enum):
    """The container runtimes that a script can install."""

    CONTAINERD = "containerd"
    DOCKER = "docker"


class SystemName(str, Enum):
    """The package managers that a script can use."""

    AUTO = "auto"
    YUM = "yum"
    APT = "apt"


@app.command(epilog="Example: ackpatch new --from values.toml -o join-ecs-nodes.sh")
def new(
    values: Annotated[str, typer.Option("--from", metavar="FILE", help="The values of ackpatch collect.")] = "",
    kube_version: Annotated[str, typer.Option("--kube-version", help="As the control plane's: 1.28.2.")] = "",
    runtime: Annotated[RuntimeName | None, typer.Option("--runtime", help="The container runtime.")] = None,
    runtime_version: Annotated[str, typer.Option("--runtime-version", help="Its version: 1.7.13.")] = "",
    join_command_file: JoinFile = "",
    os: Annotated[SystemName, typer.Option("--os", help="auto: the script finds out on the node.")] = SystemName.AUTO,
    package_repo: Annotated[
        str,
        typer.Option("--package-repo", help="aliyun, community, aliyun-legacy, community-legacy, or a web address."),
    ] = "auto",
    pause_image: Annotated[str, typer.Option("--pause-image", help="The sandbox image, where it is mirrored.")] = "",
    cri_dockerd_url: Annotated[str, typer.Option("--cri-dockerd-url", help="Where Docker's adapter comes from.")] = "",
    gpu: Annotated[str, typer.Option("--gpu", metavar="REPOSITORY", help="Install a GPU's driver from here.")] = "",
    output: Annotated[str, typer.Option("--output", "-o", help="Write here; else to standard output.")] = "",
    force: Annotated[bool, typer.Option("--force", help="Replace an older file.")] = False,
) -> None:
    """Write a bootstrap script from nothing, injection included."""
    from ackpatch.bootstrap.script import CRI_DOCKERD_URL, Wishes
    from ackpatch.cli import bootstrap

    name = runtime.value if runtime is not None else ""
    adapter = cri_dockerd_url or CRI_DOCKERD_URL
    wishes = Wishes(
        kube_version, name, runtime_version, "", os.value, package_repo, pause_image, adapter, gpu_repository=gpu
    )
    raise typer.Exit(bootstrap.new(bootstrap.Making(values, join_command_file, output, force, wishes)))


@app.command(epilog="Example: ackpatch register https://scripts.example.com/join-ecs-nodes.sh --dry-run")
def register(
    url: Annotated[str, typer.Argument(metavar="[URL]", help="The address of the script.")] = "",
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
    str, typer.Argument(metavar="DESTINATION", help="oss://BUCKET/KEY, https://…, file:///… or a path.")
]
Region = Annotated[str, typer.Option("--region", help="The bucket's region: cn-hangzhou.")]
Endpoint = Annotated[str, typer.Option("--endpoint", help="Where to send it; else the region's public endpoint.")]
Internal = Annotated[bool, typer.Option("--internal-url", help="The address is the one inside the region's VPC.")]
Public = Annotated[bool, typer.Option("--public", help="Make the object readable by everybody.")]
PublicToken = Annotated[bool, typer.Option("--allow-public-token", help="Even if it holds a join token.")]
Address = Annotated[str, typer.Option("--address", metavar="URL", help="What a web server calls the file of a path.")]
NoVerify = Annotated[bool, typer.Option("--no-verify", help="Do not fetch it as the agent would.")]
Overwrite = Annotated[bool, typer.Option("--force", help="Replace another content that lies there.")]


@app.command(epilog="Example: ackpatch upload join-ecs-nodes.sh oss://scripts/join-ecs-nodes.sh --region cn-hangzhou")
def upload(
    script: Annotated[str, typer.Argument(metavar="SCRIPT")],
    destination: Destination,
    region: Region = "",
    endpoint: Endpoint = "",
    internal_url: Internal = False,
    public: Public = False,
    allow_public_token: PublicToken = False,
    address: Address = "",
    presign: Annotated[int, typer.Option("--presign", metavar="DAYS", help="Print a signed address.")] = 0,
    no_check: Annotated[bool, typer.Option("--no-check", help="Also if kubelet starts without the values.")] = False,
    no_verify: NoVerify = False,
    force: Overwrite = False,
) -> None:
    """Put a script where the cluster can reach it, read it back, and print its address."""
    from ackpatch.cli import upload as uploading
    from ackpatch.publish.places import Where

    where = Where(destination, region, endpoint, internal_url, public, address)
    options = uploading.Uploading(script, where, force, allow_public_token, not no_check, not no_verify, presign)
    raise typer.Exit(uploading.run(options))


@app.command(epilog="Example: ackpatch publish join-ecs-nodes.sh oss://scripts/join.sh --region cn-hangzhou --dry-run")
def publish(
    script: Annotated[str, typer.Argument(metavar="SCRIPT")],
    destination: Destination,
    region: Region = "",
    endpoint: Endpoint = "",
    internal_url: Internal = False,
    public: Public = False,
    allow_public_token: PublicToken = False,
    address: Address = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do all that changes nothing.")] = False,
    renew: Annotated[bool, typer.Option("--renew", help="Put a new join token in first; kubeadm makes it.")] = False,
    ttl: Annotated[str, typer.Option("--ttl", help="How long a renewed token shall live.")] = "24h",
    no_rehearse: Annotated[bool, typer.Option("--no-rehearse", help="Do not rehearse the script.")] = False,
    no_verify: NoVerify = False,
    force: Overwrite = False,
    context: Context = "",
    kubeconfig: Kubeconfig = "",
) -> None:
    """Apply, rehearse, upload, verify and register; stop at the first step that fails."""
    from ackpatch.cli import publish as publishing
    from ackpatch.kubectl import Kubectl
    from ackpatch.publish.places import Where

    where = Where(destination, region, endpoint, internal_url, public, address)
    cluster = Kubectl(context, kubeconfig)
    options = publishing.Publishing(
        script, where, cluster, dry_run, renew, ttl, not no_rehearse, not no_verify, force, allow_public_token
    )
    raise typer.Exit(publishing.run(options))


@app.command(epilog="Example: ackpatch explain ACK101")
def explain(code: Annotated[str, typer.Argument(metavar="CODE")]) -> None:
    """Explain a finding: why it matters and what to do."""
    from ackpatch.cli.show import explain_code

    raise typer.Exit(explain_code(code))


def run(arguments: list[str]) -> int:
    """Run the command line and give its exit code."""
    from ackpatch.errors import AckpatchError

    command = typer.main.get_command(app)
    try:
        command.main(args=arguments, prog_name="ackpatch", standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 2 if end.code else 0
    except AckpatchError as error:
        print(f"ackpatch: {error}", file=sys.stderr)
        return 2
    return 0
