"""A small server that speaks OpenAI's protocol on loopback, for tests: `with serve(model) as s:`.

Text (streamed or whole) comes from a model of the course or a scripted one, embeddings from
`embed`. `faults` answers a path in another way: a status, or bytes to send as they are.
"""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Scripted:
    """Stands in for a language model: answers from what it was asked."""

    def generate(self, prompt, max_new_tokens, stop, temperature, seed):
        return f" after {prompt.split()[-1]}" + f" {seed}" * (temperature > 0)

    def chat(self, messages, max_new_tokens, stop, temperature, seed):
        return f"you said {messages[-1]['content']}"


class Server(ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        """A client that went away before its answer is what some tests are about."""


class Served:
    """A running server: its address, what it was asked, and how it misbehaves."""

    def __init__(self, model, embed):
        self.model, self.embed, self.faults = model, embed, {}
        self.models, self.key, self.asked, self.refuses = ["tiny"], None, [], ()
        self.http = Server(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self.http.server_address[1]}"


@contextmanager
def serve(model=None, embed=None):
    """A Served, answering until the block ends."""
    served = Served(model or Scripted(), embed)
    thread = threading.Thread(target=served.http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.http.shutdown()
        served.http.server_close()
        thread.join()


def _handler(served):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments):
            pass

        def do_GET(self):
            self.answer({})

        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer(json.loads(body))

        def answer(self, asked):
            path = self.path.removeprefix("/v1")
            served.asked.append((path, asked, dict(self.headers)))
            fault = served.faults.get(path)
            if isinstance(fault, list):
                fault = fault.pop(0) if fault else None
            if fault is not None:
                return self.misbehave(fault)
            if served.key and self.headers.get("Authorization") != f"Bearer {served.key}":
                return self.error(401, "Incorrect API key provided")
            for name in served.refuses:
                if name in asked:
                    return self.error(400, f"Unsupported parameter: {name}", name)
            if path != "/models" and asked.get("model") not in served.models:
                return self.error(404, f"The model {asked.get('model')} does not exist")
            reply = _REPLIES.get(path)
            if not reply:
                return self.error(404, "Not Found")
            made = reply(served, asked)
            return self.stream(asked, made) if asked.get("stream") else self.send(200, made)

        def misbehave(self, fault):
            if isinstance(fault, bytes):
                return self.send(200, fault)
            if fault == "slow":
                time.sleep(1.5)
                return self.send(200, {})
            if fault == "hang up":
                self.close_connection = True
                return None
            return self.error(fault, "scripted trouble")

        def error(self, status, message, param=None):
            self.send(status, {"error": {"message": message, "type": "invalid_request_error",
                                         "param": param, "code": None}})

        def send(self, status, body):
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def stream(self, asked, made):
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            (one,) = made["choices"]
            words = (one["message"]["content"] if "message" in one else one["text"]).split(" ")
            for place, word in enumerate(words):
                piece = " " * (place > 0) + word
                part = {"delta": {"content": piece}} if "message" in one else {"text": piece}
                event = made | {"choices": [{"index": 0, "finish_reason": None} | part]}
                self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
            if served.faults.get("stream") != "cut":
                self.wfile.write(b"data: [DONE]\n\n")
            else:
                self.wfile.write(b"data: {\"choices\": [{\"del\n\n")
            self.close_connection = True
    return Handler


def _options(asked):
    return (asked.get("max_tokens") or asked.get("max_completion_tokens") or 16,
            asked.get("stop"), asked.get("temperature", 1.0), asked.get("seed", 0))


def _models(served, asked):
    return {"object": "list", "data": [{"id": name, "object": "model"} for name in served.models]}


def _completion(served, asked):
    text = served.model.generate(asked["prompt"], *_options(asked))
    return {"id": "1", "object": "text_completion", "created": 0, "model": asked["model"],
            "choices": [{"index": 0, "text": text, "finish_reason": "stop"}]}


def _chat(served, asked):
    text = served.model.chat(asked["messages"], *_options(asked))
    return {"id": "1", "object": "chat.completion", "created": 0, "model": asked["model"],
            "choices": [{"index": 0, "finish_reason": "stop",
                         "message": {"role": "assistant", "content": text}}]}


def _embeddings(served, asked):
    rows = served.embed(asked["input"])
    data = [{"object": "embedding", "index": place, "embedding": [float(x) for x in row]}
            for place, row in enumerate(rows)]
    return {"object": "list", "model": asked["model"], "data": data[::-1]}


_REPLIES = {"/models": _models, "/completions": _completion, "/chat/completions": _chat,
            "/embeddings": _embeddings}
