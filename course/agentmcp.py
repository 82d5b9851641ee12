"""The office's tools over MCP, the Model Context Protocol: any client can find and call them.

    python -m course.agentmcp           # a server that talks over standard input and output

Needs the package `mcp` (MIT). Nothing graded depends on it; without it one sentence says so.
"""

import asyncio
import logging
import sys

from course.agentworld import Office
from course.paths import CourseError

NAME = "tern-air"


def _sdk():
    try:
        import mcp
        from mcp.server.mcpserver import MCPServer
    except ImportError as error:
        raise CourseError(f"The package mcp is not here ({error}): `make lab` installs it. "
                          "Nothing graded needs it.") from None
    logging.getLogger("mcp").setLevel(logging.ERROR)
    return mcp, MCPServer


def mcp_server(tools: dict):
    """An MCP server that offers these functions: name, docstring and types become the listing."""
    _, kind = _sdk()
    server = kind(NAME, log_level="ERROR")
    for function in tools.values():
        server.add_tool(function)
    return server


async def listed(target) -> dict:
    """name -> input schema, without the titles that the library adds. target: a server, or what
    mcp's Client takes."""
    mcp, _ = _sdk()
    async with mcp.Client(target) as client:
        tools = (await client.list_tools()).tools
    return {tool.name: _bare(tool.input_schema) for tool in tools}


def _bare(schema: dict) -> dict:
    kept = {name: value for name, value in schema.items() if name != "title"}
    kept["properties"] = {name: {key: value for key, value in one.items() if key != "title"}
                          for name, one in schema.get("properties", {}).items()}
    return kept


async def called(target, tool: str, args: dict) -> tuple[bool, str]:
    """(did it work, what came back) of one call through the protocol."""
    mcp, _ = _sdk()
    async with mcp.Client(target) as client:
        answer = await client.call_tool(tool, args)
    return not answer.is_error, " ".join(part.text for part in answer.content
                                         if hasattr(part, "text"))


def by_stdio():
    """A client's address of this server as a process of its own."""
    mcp, _ = _sdk()
    from mcp.client.stdio import stdio_client

    # a notebook's own stderr is no file where its kernel runs under a test
    return stdio_client(mcp.StdioServerParameters(command=sys.executable,
                                                  args=["-m", "course.agentmcp"]),
                        errlog=sys.__stderr__)


def wait(work):
    """Run a coroutine to its end, also inside a notebook, whose own loop is running."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def main() -> None:
    mcp_server(Office().tools()).run("stdio")


if __name__ == "__main__":
    main()
