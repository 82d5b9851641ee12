"""JupyterHub 6 for one class on one machine, on loopback. hub.py starts it and sets HUB_CLASS.

For a hub that people reach from elsewhere change four things: who may log in (PAM, LDAP or OAuth
instead of the demo's one password), the proxy (JupyterHub's own), bind_url with TLS in front, and a
spawner with limits (SystemdSpawner: mem_limit and cpu_limit; the local one has none). README.md says
how.
"""

import json
import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821  (JupyterHub puts it here)
demo = json.loads(Path(os.environ["HUB_CLASS"]).read_text(encoding="utf-8"))
here = Path(__file__).resolve().parent
run = Path(demo["folder"]) / "run"  # readable by root only

c.JupyterHub.bind_url = f"http://127.0.0.1:{demo['ports'][0]}"
c.JupyterHub.hub_port = demo["ports"][1]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{demo['ports'][2]}"
c.ConfigurableHTTPProxy.command = [sys.executable, str(here / "proxy.py")]  # JupyterHub's needs Node
c.ConfigurableHTTPProxy.log_level = "error"
c.ConfigurableHTTPProxy.pid_file = str(run / "proxy.pid")
c.JupyterHub.db_url = f"sqlite:///{run / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(run / "cookie_secret")
c.JupyterHub.log_level = "WARN"

# Who may log in: the accounts of the class, with one password for all. A real hub asks the system:
#   c.JupyterHub.authenticator_class = "pam"
c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = demo["password"]
c.Authenticator.allowed_users = {*demo["instructors"], *demo["learners"]}

# One Jupyter server a person, as that person, in their home folder. nbgrader's exchange knows who
# handed something in by the owner of the file.
c.JupyterHub.spawner_class = "jupyterhub.spawner.LocalProcessSpawner"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--log-level=WARN"]
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
c.Spawner.environment = {
    "PATH": os.environ["PATH"],  # nbgrader looks for alembic there
    "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",  # many people share few cores
}


def own_panels(spawner):
    """Learners get Assignment List and Validate, instructors Formgrader too."""
    kind = "instructor" if spawner.user.name in demo["instructors"] else "learner"
    spawner.environment = {**spawner.environment,
                           "JUPYTER_CONFIG_PATH": str(Path(demo["folder"]) / "config" / kind)}


c.Spawner.pre_spawn_hook = own_panels
