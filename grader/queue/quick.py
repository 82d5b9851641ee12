"""Imported first by a nursery: leaves out an import that costs 0.9 s and that notebooks never use.

nbformat brings jsonschema, which compiles a grammar of web addresses if rfc3987_syntax can be
imported; no schema of a notebook names such a format, and jsonschema goes on without it.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)
