"""The few answers of a model hub that transformers needs, on loopback, from folders."""

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    def __init__(self, folders, gated):
        self.folders, self.gated, self.asked = folders, gated, []
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self.http.server_address[1]}"


@contextmanager
def serve_hub(folders, gated=()):
    """A Hub with these models, until the block ends."""
    hub = Hub(folders, gated)
    thread = threading.Thread(target=hub.http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.http.shutdown()
        hub.http.server_close()
        thread.join()


def _handler(hub):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments):
            pass

        def do_HEAD(self):
            self.answer(body=False)

        def do_GET(self):
            self.answer(body=True)

        def answer(self, body):
            path = self.path.split("?")[0].strip("/")
            hub.asked.append(path)
            name = "/".join(path.removeprefix("api/models/").split("/")[:2])
            if name in hub.gated:
                return self.send(403, b"{}", body, {"X-Error-Code": "GatedRepo"})
            if name not in hub.folders:
                return self.send(404, b"{}", body, {"X-Error-Code": "RepoNotFound"})
            folder = hub.folders[name]
            if path.startswith("api/models/"):
                return self.about(path, name, folder, body)
            file = folder / path.split("/resolve/")[1].split("/", 1)[1]
            if not file.is_file():
                return self.send(404, b"", body, {"X-Error-Code": "EntryNotFound",
                                                  "X-Repo-Commit": COMMIT})
            data = file.read_bytes()
            tag = hashlib.sha256(data).hexdigest()
            return self.send(200, data, body, {"ETag": f'"{tag}"', "X-Repo-Commit": COMMIT})

        def about(self, path, name, folder, body):
            files = sorted(one.name for one in folder.iterdir())
            if "/tree/" in path:
                made = [{"type": "file", "path": one, "size": (folder / one).stat().st_size,
                         "oid": "0" * 40} for one in files]
            else:
                made = {"id": name, "modelId": name, "sha": COMMIT, "private": False, "tags": [],
                        "siblings": [{"rfilename": one} for one in files]}
            self.send(200, json.dumps(made).encode(), body, {"Content-Type": "application/json"})

        def send(self, status, data, body, headers):
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if body:
                self.wfile.write(data)
    return Handler
