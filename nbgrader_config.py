"""nbgrader's own configuration: its source folder is solutions/, its release folder notebooks/."""

import os
import sys
from pathlib import Path

root = Path(__file__).resolve().parent
if str(root) not in sys.path:  # nbgrader may be started from anywhere
    sys.path.insert(0, str(root))

c = get_config()  # noqa: F821  (nbgrader puts it here)
c.CourseDirectory.course_id = "labels-to-agents"
c.CourseDirectory.root = str(root)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
# formgrader opens the database from another folder: a relative address fails there
c.CourseDirectory.db_url = f"sqlite:///{(root / 'gradebook.db').as_posix()}"
# nbgrader copies every other file next to a source notebook into the release
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "*.py", "instructor.md", ".*"]
c.ExecutePreprocessor.timeout = 300
c.Execute.timeout = 300
c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
if (root / "late.toml").is_file():  # deadlines: see grader/late.py
    c.AssignLatePenalties.plugin_class = "grader.late.LatePolicy"
if os.environ.get("JUPYTER_DEFAULT_PROVISIONER_NAME") == "course-sandbox":
    from grader.provisioner import configure  # kernels inside bubblewrap
    configure(c)
