"""People at a JupyterHub over HTTP: log in, start a server, use nbgrader's panels and a terminal."""

import asyncio
import copy
import http.cookiejar
import json
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid

from tests.labserver import wait_for


class Person:
    """One account. get/post speak to its own Jupyter server, paths without a leading slash."""

    def __init__(self, hub: str, name: str, password: str):
        self.hub, self.name, self.home = hub, name, f"{hub}/user/{name}"
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self._log_in(password)

    def _log_in(self, password: str) -> None:
        page = self._open(f"{self.hub}/hub/login").read().decode()
        token = re.search(r'name="_xsrf"\s+value="([^"]+)"', page)[1]
        form = urllib.parse.urlencode({"username": self.name, "password": password, "_xsrf": token})
        answer = self._open(f"{self.hub}/hub/login?_xsrf={urllib.parse.quote(token)}", form.encode())
        assert "/hub/login" not in answer.url, f"{self.name} was not let in"

    def start(self) -> "Person":
        """The person's server, up and logged in to."""
        self._open(f"{self.hub}/hub/spawn/{self.name}").read()

        def up():
            try:
                answer = self._open(f"{self.home}/tree")
                return answer.url.startswith(self.home) and answer.status == 200
            except urllib.error.HTTPError as error:
                assert error.code in (424, 503), error.code
                return False
        wait_for(up, 120)
        return self

    def _open(self, url: str, data: bytes | None = None, method: str | None = None, **headers):
        request = urllib.request.Request(url, data=data, headers=headers, method=method)
        return self.opener.open(request, timeout=180)

    def at(self, service: str) -> "Person":
        """The same person, logged in, at a Jupyter server that is a service of the hub."""
        there = copy.copy(self)
        there.home = f"{self.hub}/services/{service}"
        there.page("lab")
        return there

    def _xsrf(self) -> str:
        """The token for this server (the hub has another one)."""
        mine = urllib.parse.urlsplit(self.home).path
        return next(c.value for c in self.jar if c.name == "_xsrf" and mine in c.path)

    def get(self, path: str):
        """JSON of a page of the person's server."""
        return json.loads(self._open(f"{self.home}/{path}").read())

    def page(self, path: str) -> str:
        return self._open(f"{self.home}/{path}").read().decode()

    def post(self, path: str, data: dict | None = None, method: str = "POST", form: bool = False):
        """JSON (or a form) to the person's server; its JSON answer."""
        body = (urllib.parse.urlencode(data or {}) if form else json.dumps(data or {})).encode()
        kind = "application/x-www-form-urlencoded" if form else "application/json"
        answer = self._open(f"{self.home}/{path}", body, method,
                            **{"Content-Type": kind, "X-XSRFToken": self._xsrf()})
        text = answer.read()
        return json.loads(text) if text else None

    # ---- files and a terminal ----

    def read(self, path: str) -> str:
        """The text of a file in the person's home."""
        found = self.get(f"api/contents/{urllib.parse.quote(path)}?content=1&type=file&format=text")
        return found["content"]

    def write(self, path: str, notebook: dict) -> None:
        """Save a notebook, as JupyterLab does."""
        self.post(f"api/contents/{urllib.parse.quote(path)}",
                  {"type": "notebook", "format": "json", "content": notebook}, "PUT")

    def shell(self, command: str, seconds: float = 300) -> tuple[int, str]:
        """(exit code, what was printed) of a command typed into a Jupyter terminal."""
        name = self.post("api/terminals")["name"]
        return asyncio.run(self._type(name, command, seconds))

    async def _type(self, terminal: str, command: str, seconds: float) -> tuple[int, str]:
        from tornado.httpclient import HTTPRequest
        from tornado.websocket import websocket_connect
        address = f"{self.home}/terminals/websocket/{terminal}"
        request = urllib.request.Request(address)
        self.jar.add_cookie_header(request)
        socket = await websocket_connect(HTTPRequest(
            address.replace("http://", "ws://"), headers={"Cookie": request.get_header("Cookie")}))
        mark = uuid.uuid4().hex
        # the mark is written in two pieces, so that the echo of the line does not hold it
        await socket.write_message(json.dumps(
            ["stdin", f"{command}; printf '\\n%s%s %s\\n' {mark[:16]} {mark[16:]} $?\r"]))
        said = ""

        async def read():
            nonlocal said
            while not (found := re.search(mark + r" (\d+)", said)):
                kind, *text = json.loads(await socket.read_message())
                said += text[0] if kind == "stdout" else ""
            return int(found[1])
        code = await asyncio.wait_for(read(), seconds)
        socket.close()
        return code, said


def assignments(person: Person, course: str) -> dict[str, dict]:
    """{lesson: its entry} of Assignment List; a submitted one wins over a fetched one."""
    answer = person.get(f"assignments?course_id={course}")
    assert answer["success"], answer
    return {entry["assignment_id"]: entry for entry in answer["value"]}


def panel(person: Person, action: str, course: str, lesson: str) -> None:
    """A button of Assignment List: fetch, submit or fetch_feedback."""
    answer = person.post(f"assignments/{action}", {"course_id": course, "assignment_id": lesson},
                         form=True)
    assert answer["success"], answer


def formgrader(person: Person, path: str, **data):
    """A button of formgrader that must succeed."""
    answer = person.post(f"formgrader/api/{path}", data)
    assert answer.get("success", True), answer.get("error") or answer.get("log")
    return answer
