"""JupyterLab for one learner on one machine; `course.lab` puts this folder on the config path."""

from course.paths import user_dir

c = get_config()  # noqa: F821  (Jupyter puts it here)
c.LabApp.default_url = "/lab/tree/START_HERE.ipynb"

# the tabs of the course, apart from those of a JupyterLab that the user has for other work
c.LabApp.workspaces_dir = str(user_dir() / "lab-workspaces")

# offline: nothing asks whether there is news, an update or another extension
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
