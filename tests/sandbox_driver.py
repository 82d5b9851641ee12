"""Opens seats and runs cells in them for the tests, as whatever user and Python started it.

JSON lines on standard input, one answer each on standard output.
"""

import json
import os
import sys

from grader.engine import wire
from grader.engine.seats import Refused, open_seat
from grader.engine.zygote import HEAVY, Zygote
from grader.sandbox.contract import LEVELS, Limits, Place

MODULES = () if "light" in sys.argv else HEAVY
seats, number, zygote = {}, 0, None


def answer(do, level="", limits=None, reference="", warm=True, seat=0, source="", seconds=30):
    global number, zygote
    if do == "about":
        return {"pid": os.getpid(), "uid": os.getuid(), "levels": LEVELS}
    if do == "zygote":
        zygote = zygote or Zygote(MODULES)
        return zygote.ready | {"pid": zygote.process.pid}
    if do == "open":
        zygote = zygote or (Zygote(MODULES) if warm else None)
        place = Place("00_start", reference, limits=Limits(**limits or {}))
        try:
            opened = open_seat(level, place, zygote=zygote if warm else None)
        except Refused as error:
            return {"refused": str(error)}
        number += 1
        seats[number] = opened
        return {"seat": number, "gaps": opened.gaps}
    if do == "cell":
        try:
            wire.send(seats[seat].sock, {"op": "cell", "source": source})
            return wire.receive(seats[seat].sock, seconds)
        except wire.Silent as error:
            return {"silent": str(error)}
    if do == "close":
        seats[seat].close()
        return {"code": seats.pop(seat).code}
    return {"error": f"{do}?"}


if __name__ == "__main__":
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in sys.stdin:
        out.write(json.dumps(answer(**json.loads(line))) + "\n")
        out.flush()
    for opened in seats.values():
        opened.close()
    if zygote:
        zygote.close()
