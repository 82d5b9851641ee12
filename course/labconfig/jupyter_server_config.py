"""The server's part of the configuration in this folder; the panels' part is in labconfig/."""

c = get_config()  # noqa: F821  (Jupyter puts it here)

# nbgrader: Validate serves a learner alone; the other three need a course with an exchange
c.ServerApp.jpserver_extensions = {
    "nbgrader.server_extensions.validate_assignment": True,
    "nbgrader.server_extensions.formgrader": False,
    "nbgrader.server_extensions.assignment_list": False,
    "nbgrader.server_extensions.course_list": False,
}
