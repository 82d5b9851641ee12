"""Which emoji belong together, and which families no training sees.

"man running", "woman running" and "person running facing right" are nearly one picture. A test
set that holds one of them while training holds the others tests memory. So emoji are split by
family: the label without the words that only say who runs and where to.
"""

import re
from collections.abc import Iterable

import numpy as np

SEED = 8            # published: the draw of the held-out families
SHARE = 0.15        # of the families
# gender, direction and number of people: words that separate drawings of one concept
WORDS = frozenset("""man men woman women person people boy girl male female man’s men’s
woman’s women’s facing right left up down upwards downwards upper lower""".split())


def family(label: str) -> str:
    """The label in lower case without WORDS and signs; "person" when nothing is left.

    family("woman running facing right") == family("man running") == "running".
    """
    words = re.findall(r"[\w’]+", label.lower())
    return " ".join(word for word in words if word not in WORDS) or "person"


def held_out_families(families: Iterable[str]) -> set[str]:
    """The families that no training of this course sees: SHARE of them, drawn with SEED."""
    names = sorted(set(families))
    rng = np.random.default_rng(SEED)
    return set(rng.permutation(names)[:round(SHARE * len(names))].tolist())
