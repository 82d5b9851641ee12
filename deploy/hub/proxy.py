"""The demo hub's proxy: configurable-http-proxy for Python, mended where a Jupyter server needs more.

As published (0.4.0) it answers a browser's kernel connection with 503 (it hands on the browser's
offer to compress and then cannot read what comes), names no subprotocol, which browsers refuse
too, sends bytes as text, does not say when a server hangs up, ends a request after 20 seconds and
sends ten at a time. tests/test_hub_proxy.py holds each of these. The rest is as it was.
"""

import contextlib
import os
import time

from configurable_http_proxy import cli, configproxy, handlers
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from tornado.ioloop import IOLoop
from tornado.websocket import WebSocketClosedError, websocket_connect

LARGEST = 100 << 20  # bytes of one message or body; a notebook with its pictures is one
LONGEST = 15 * 60    # seconds of one request: formgrader answers when all have been graded
AT_ONCE = 1000


class Handler(handlers.ProxyHandler):
    """One request, or one websocket with another one to the person's server behind it."""

    async def start_ws_client(self, path=None):
        """Connect to the server; without it the browser gets the server's refusal, or 503."""
        url = await self.get_target_url(path)
        if url is None:
            return
        request = self._get_proxy_request("ws" + url.removeprefix("http"))
        request.headers.pop("Sec-Websocket-Extensions", None)  # nothing is compressed on loopback
        try:
            self.ws_client = await websocket_connect(request, max_message_size=LARGEST)
            self.closed = False
        except HTTPClientError as error:
            self.set_status(error.code)
            self.finish(error.message)
        except OSError as error:
            await self.handle_proxy_error(503, error)

    @property
    def max_message_size(self):
        return LARGEST

    def select_subprotocol(self, subprotocols):
        """What the server chose: it speaks that one."""
        return self.ws_client.selected_subprotocol

    def open(self, *_):
        IOLoop.current().spawn_callback(self.pass_on, self.ws_client)

    async def pass_on(self, server):
        """What the server says, to the browser, from the first message to the end."""
        try:
            while (message := await server.read_message()) is not None:
                self.proxy.update_last_activity(self.target["prefix"])
                await self.write_message(message, binary=isinstance(message, bytes))
        except WebSocketClosedError:  # the browser went first
            return
        self.close(server.close_code, server.close_reason)

    async def on_message(self, message):
        """What the browser says, to the server; bytes stay bytes."""
        if self.ws_client:
            self.proxy.update_last_activity(self.target["prefix"])
            with contextlib.suppress(WebSocketClosedError):  # pass_on tells the browser
                await self.ws_client.write_message(message, binary=isinstance(message, bytes))


def main() -> None:
    """Its command line, with our handler."""
    os.environ["TZ"] = "UTC"  # it notes the last activity without a zone; JupyterHub reads UTC
    time.tzset()
    AsyncHTTPClient.configure(None, max_clients=AT_ONCE, max_buffer_size=LARGEST,
                              defaults={"request_timeout": LONGEST})
    configproxy.ProxyHandler = Handler
    cli.main()


if __name__ == "__main__":
    main()
