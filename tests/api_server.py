"""A small API server on loopback: what kubectl needs to read Nodes, Secrets and a ConfigMap, and to patch the latter.

It follows the API's own rules for what is used: label selectors, merge patches, resource versions, dry runs, errors.
"""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

CONFIG = "/api/v1/namespaces/kube-system/configmaps/ack-agent-config"
RESOURCES = [
    {"name": "nodes", "singularName": "node", "namespaced": False, "kind": "Node", "verbs": ["get", "list"]},
    {"name": "secrets", "singularName": "", "namespaced": True, "kind": "Secret", "verbs": ["get"]},
    {
        "name": "configmaps",
        "singularName": "configmap",
        "namespaced": True,
        "kind": "ConfigMap",
        "shortNames": ["cm"],
        "verbs": ["get", "patch"],
    },
]


def field(number: int, content: bytes | str) -> bytes:
    """One length-delimited field of a protocol buffer."""
    data = content.encode() if isinstance(content, str) else content
    length, rest = b"", len(data)
    while True:
        rest, low = rest >> 7, rest & 0x7F
        length += bytes([low | (0x80 if rest else 0)])
        if not rest:
            return bytes([number << 3 | 2]) + length + data


def openapi() -> bytes:
    """The least of an OpenAPI v2 document, as a protocol buffer: a patch of a ConfigMap knows ``dryRun``.

    kubectl before 1.27 asks for it, to see whether the server understands a dry run.
    """
    kind = field(1, "x-kubernetes-group-version-kind") + field(2, field(2, 'group: ""\nkind: ConfigMap\nversion: v1\n'))
    parameter = field(2, "query") + field(4, "dryRun")
    operation = field(8, field(1, field(2, field(3, parameter)))) + field(13, kind)
    path = field(1, "/api/v1/namespaces/{namespace}/configmaps/{name}") + field(2, field(8, operation))
    return field(1, "2.0") + field(8, field(2, path))


class Cluster:
    """What the server knows. ``before_patch`` runs when a patch arrives, for a race; ``forbidden`` are paths."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.nodes: list[dict[str, Any]] = []
        self.version = 100
        self.before_patch: Callable[[], None] = lambda: None
        self.forbidden: set[str] = set()
        self.requests: list[tuple[str, str]] = []

    def put(self, path: str, kind: str, data: dict[str, str]) -> None:
        self.version += 1
        name = path.rpartition("/")[2]
        metadata = {"name": name, "namespace": "kube-system", "resourceVersion": str(self.version)}
        self.objects[path] = {"kind": kind, "apiVersion": "v1", "metadata": metadata, "data": data}

    def add_node(self, name: str, label: str, kubelet: str, runtime: str) -> None:
        info = {"kubeletVersion": kubelet, "containerRuntimeVersion": runtime}
        self.nodes.append(
            {
                "kind": "Node",
                "apiVersion": "v1",
                "metadata": {"name": name, "labels": {label: ""}},
                "status": {"nodeInfo": info},
            }
        )


def status(code: int, reason: str, message: str) -> tuple[int, dict[str, Any]]:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }
    return code, body


def handler(cluster: Cluster) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if urlsplit(self.path).path == "/openapi/v2":
                self._send(200, "application/octet-stream", openapi())
            else:
                self._answer(*self._get())

        def do_PATCH(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(*self._patch(json.loads(body)))

        def _get(self) -> tuple[int, dict[str, Any]]:
            parts = urlsplit(self.path)
            cluster.requests.append(("GET", parts.path))
            if parts.path in cluster.forbidden:
                return status(403, "Forbidden", f'{parts.path.rpartition("/")[2]} is forbidden: User "t" cannot get it')
            if parts.path == "/api":
                return 200, {"kind": "APIVersions", "versions": ["v1"]}
            if parts.path == "/apis":
                return 200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": []}
            if parts.path == "/api/v1":
                return 200, {"kind": "APIResourceList", "groupVersion": "v1", "resources": RESOURCES}
            if parts.path == "/api/v1/nodes":
                wanted = parse_qs(parts.query).get("labelSelector", [""])[0]
                items = [one for one in cluster.nodes if not wanted or wanted in one["metadata"]["labels"]]
                return 200, {"kind": "NodeList", "apiVersion": "v1", "metadata": {}, "items": items}
            if parts.path in cluster.objects:
                return 200, cluster.objects[parts.path]
            kind, name = parts.path.split("/")[-2:]
            return status(404, "NotFound", f'{kind} "{name}" not found')

        def _patch(self, patch: dict[str, Any]) -> tuple[int, dict[str, Any]]:
            parts = urlsplit(self.path)
            cluster.requests.append(("PATCH", self.path))
            cluster.before_patch()
            assert self.headers["Content-Type"] == "application/merge-patch+json"
            if parts.path in cluster.forbidden:
                return status(403, "Forbidden", 'configmaps "ack-agent-config" is forbidden: User "t" cannot patch it')
            found = cluster.objects.get(parts.path)
            if found is None:
                return status(404, "NotFound", 'configmaps "ack-agent-config" not found')
            wanted = patch.get("metadata", {}).get("resourceVersion")
            if wanted is not None and wanted != found["metadata"]["resourceVersion"]:
                message = 'Operation cannot be fulfilled on configmaps "ack-agent-config": the object has been modified'
                return status(409, "Conflict", message)
            merged = merge(found, patch)
            if parse_qs(parts.query).get("dryRun") != ["All"]:
                cluster.version += 1
                merged["metadata"]["resourceVersion"] = str(cluster.version)
                cluster.objects[parts.path] = merged
            return 200, merged

        def _answer(self, code: int, body: dict[str, Any]) -> None:
            self._send(code, "application/json", json.dumps(body).encode())

        def _send(self, code: int, kind: str, data: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    return Handler


def merge(old: Any, patch: Any) -> Any:
    """A JSON merge patch (RFC 7386)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(old) if isinstance(old, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge(result.get(key), value)
    return result


@contextmanager
def serving(cluster: Cluster, folder: Path) -> Iterator[Path]:
    """Serve over TLS with a certificate of its own; gives the kubeconfig for it."""
    key, certificate = folder / "tls.key", folder / "tls.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )  # fmt: skip
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(cluster))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kubeconfig = folder / "kubeconfig"
    kubeconfig.write_text(kubeconfig_text(f"https://127.0.0.1:{server.server_address[1]}", certificate))
    try:
        yield kubeconfig
    finally:
        server.shutdown()
        server.server_close()


def kubeconfig_text(address: str, certificate: Path) -> str:
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": address, "certificate-authority": str(certificate)}}],
            "users": [{"name": "u", "user": {"token": "t"}}],
            "contexts": [{"name": "one", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "one",
        }
    )
