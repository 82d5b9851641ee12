"""The demo hub's proxy between a browser and a Jupyter server: a test for each thing that it mends."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from tornado import httpclient, web, websocket

from course.paths import ROOT
from tests.labserver import wait_for

if os.environ.get("REQUIRE_ALL") != "1":
    pytest.importorskip("configurable_http_proxy", reason="pip install -r requirements/hub.txt")
KERNEL = "v1.kernel.websocket.jupyter.org"  # the only one that JupyterLab asks for


class Slow(web.RequestHandler):
    async def get(self):
        await asyncio.sleep(float(self.get_argument("seconds")))
        self.write("done")


class Server(websocket.WebSocketHandler):
    """Like a Jupyter server it compresses, chooses a subprotocol and speaks first."""

    max_message_size = 50 << 20

    def prepare(self):
        if self.get_argument("closed", ""):
            raise web.HTTPError(403)

    def select_subprotocol(self, subprotocols):
        return KERNEL if KERNEL in subprotocols else None

    def get_compression_options(self):
        return {}

    async def open(self):
        await self.write_message("first")

    async def on_message(self, message):
        if message == "leave":
            self.close(4001, "the kernel is gone")
        else:
            await self.write_message(message, binary=isinstance(message, bytes))


def free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Through:
    """The proxy with one server behind it, in an `async with`."""

    async def __aenter__(self):
        self.port, self.api, back = free(), free(), free()
        self.server = web.Application([("/slow", Slow), ("/ws", Server)]).listen(back, "127.0.0.1")
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "deploy" / "hub" / "proxy.py"), "--ip", "127.0.0.1",
             "--port", str(self.port), "--api-ip", "127.0.0.1", "--api-port", str(self.api),
             "--log-level", "error"], env={**os.environ, "CONFIGPROXY_AUTH_TOKEN": "secret"})
        target = {"target": f"http://127.0.0.1:{back}", "jupyterhub": True}
        await asyncio.to_thread(wait_for, lambda: self.route("POST", target)[0] == 201)
        return self

    async def __aexit__(self, *_):
        self.process.terminate()
        self.process.wait(10)
        self.server.stop()

    def route(self, method, data=None, token="secret"):
        """(status, answer) of the proxy's own API; status 0 while nobody listens."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.api}/api/routes/", method=method,
            data=json.dumps(data).encode() if data else None, headers={"Authorization": f"token {token}"})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, b""
        except OSError:
            return 0, b""

    async def browser(self, query=""):
        """A websocket as a browser opens it: it offers compression and names what it speaks."""
        return await asyncio.wait_for(websocket.websocket_connect(
            f"ws://127.0.0.1:{self.port}/ws{query}", subprotocols=[KERNEL], compression_options={},
            max_message_size=50 << 20), 20)

    async def get(self, path):
        answer = await httpclient.AsyncHTTPClient(force_instance=True, max_clients=100).fetch(
            f"http://127.0.0.1:{self.port}{path}", request_timeout=60, raise_error=False)
        return answer.code


def through(steps):
    """Run the coroutine `steps(proxy)`."""
    async def run():
        async with Through() as proxy:
            await steps(proxy)
    asyncio.run(run())


def test_a_kernels_websocket_as_a_browser_opens_it():
    async def steps(proxy):
        kernel = await proxy.browser()
        assert kernel.selected_subprotocol == KERNEL
        assert await kernel.read_message() == "first"
        for message in ("words", b"\xff\x00 no text", b"x" * (12 << 20)):
            await kernel.write_message(message, binary=isinstance(message, bytes))
            assert await asyncio.wait_for(kernel.read_message(), 20) == message
        await kernel.write_message("leave")
        assert await asyncio.wait_for(kernel.read_message(), 20) is None
        assert (kernel.close_code, kernel.close_reason) == (4001, "the kernel is gone")
    through(steps)


def test_a_server_that_refuses_is_heard():
    async def steps(proxy):
        with pytest.raises(httpclient.HTTPClientError) as told:
            await proxy.browser("?closed=1")
        assert told.value.code == 403
    through(steps)


def test_thirty_people_wait_at_the_same_time():
    async def steps(proxy):
        began = time.monotonic()
        codes = await asyncio.gather(*(proxy.get("/slow?seconds=2") for _ in range(30)))
        assert set(codes) == {200} and time.monotonic() - began < 6, "ten at a time take 6 s"
    through(steps)


def test_its_api_wants_the_token_and_tells_the_time_in_utc():
    async def steps(proxy):
        assert proxy.route("GET", token="guessed")[0] == 403
        await proxy.get("/slow?seconds=0")
        (route,) = json.loads(proxy.route("GET")[1]).values()
        stamp = time.strftime("%Y-%m-%dT%H", time.gmtime())
        earlier = time.strftime("%Y-%m-%dT%H", time.gmtime(time.time() - 60))
        assert route["jupyterhub"] and route["last_activity"][:13] in (stamp, earlier)
    through(steps)


@pytest.mark.slow
def test_a_request_may_take_longer_than_twenty_seconds():
    async def steps(proxy):
        assert await proxy.get("/slow?seconds=22") == 200
    through(steps)
