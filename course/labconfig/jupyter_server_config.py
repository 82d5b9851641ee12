"""The server's part of the configuration in this folder; the panels' part is in labconfig/."""

import zmq

from course.paths import NOTEBOOKS

c = get_config()  # noqa: F821  (Jupyter puts it here)
c.ServerApp.root_dir = str(NOTEBOOKS)  # answers are not in a learner's file list
c.ServerApp.answer_yes = True  # one Ctrl-C ends it

# kernels talk to the server encrypted where they can; else each warns in the terminal
if zmq.has("curve"):
    c.KernelManager.transport_encryption = "auto"
# jupyter_server 2.21 asks for a longer timeout than its interval, and tornado warns of it
c.ServerApp.tornado_settings = {"ws_ping_timeout": 30000}

# nbgrader: Validate serves a learner alone; the other three need a course with an exchange
c.ServerApp.jpserver_extensions = {
    "nbgrader.server_extensions.validate_assignment": True,
    "nbgrader.server_extensions.formgrader": False,
    "nbgrader.server_extensions.assignment_list": False,
    "nbgrader.server_extensions.course_list": False,
}
