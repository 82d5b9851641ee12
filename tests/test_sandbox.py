"""Every promise of the sandbox's contract at every level, each tried by a hostile cell inside."""

import shutil
import sys
import tempfile
import time
from pathlib import Path

import pytest

from sandbox_probes import BEGIN, DAEMON, DEADLY, HARSH, HONEST, MILD
from sandbox_support import Driver, World, command_of, hidden_above, living

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux")
SEALED = ("namespaces", "bubblewrap", "landlock")
SLOW = {("user", "namespaces"), ("user", "bubblewrap")}  # as we are not root they are the same as us
TABLE = [pytest.param(who, level, id=f"{level}-{who}",
                      marks=[pytest.mark.fortress] if (who, level) in SLOW else [])
         for level in SEALED for who in ("us", "user")]
COLD = {  # each starts anew: a few of them are enough for the fast tests
    ("us", "bubblewrap", name) for name in (*HARSH, *DEADLY)} - {("us", "bubblewrap", "forks_are_bounded")}


def table(probes):
    return [pytest.param(*row.values, name, id=f"{name}-{row.id}", marks=row.marks or (
        [pytest.mark.fortress] if (*row.values, name) in COLD else []))
        for row in TABLE for name in probes]


HONEST_TABLE = [pytest.param(who, level, id=f"{level}-{who}", marks=(
    [] if (who, level) == ("us", "namespaces") else [pytest.mark.fortress]))  # the others import anew
    for level in SEALED for who in ("us", "user")]
LIMITS = {"memory_is_bounded": {"memory_mb": 1200}}
WITHOUT = "import multiprocessing"  # needs /dev/shm, which level landlock does not give


@pytest.fixture(scope="module")
def world():
    folder = tempfile.mkdtemp(prefix="world-")  # pytest's own folders are for its user's eyes only
    made = World(Path(folder))
    yield made
    made.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def drivers(world):
    """who -> a driver run by that user, made at the first use."""
    made = {}

    def get(who: str, level: str) -> Driver:
        if (who, level) == ("us", "landlock") and hidden_above():
            who = "root"
        if who not in made:
            command, why = command_of(who)
            if not command:
                pytest.skip(why)
            made[who] = Driver(command, world.marker, heavy=who != "user")
        return made[who]

    get.standing = {}
    yield get
    for driver in made.values():
        driver.close()


def run(driver, world, level: str, seat: int, source: str, seconds: float = 30) -> dict:
    facts = world.facts(driver, level)
    return driver.ask("cell", seat=seat, source=f"WORLD = {facts!r}\n{BEGIN}\n{source}",
                      seconds=seconds)


def standing(drivers, world, who: str, level: str) -> tuple[Driver, int]:
    """One seat that all probes share which leave it alive."""
    driver = drivers(who, level)
    if (who, level) not in drivers.standing:
        drivers.standing[who, level] = driver.ask("open", level=level, reference=str(world.stored))
    opened = drivers.standing[who, level]
    if "refused" in opened:
        pytest.skip(opened["refused"])
    return driver, opened["seat"]


@pytest.mark.parametrize(("who", "level"), TABLE)
@pytest.mark.parametrize("promise", MILD)
def test_holds(drivers, world, who, level, promise):
    driver, seat = standing(drivers, world, who, level)
    before = world.state()
    reply = run(driver, world, level, seat, MILD[promise])
    assert "WORKED" not in reply.get("text", ""), reply["text"]
    assert reply.get("ok"), reply
    assert len(reply["text"]) < 30_000
    assert world.state() == before


@pytest.mark.parametrize(("who", "level", "promise"), table(HARSH))
def test_bounds(drivers, world, who, level, promise):
    driver = drivers(who, level)
    with driver.seat(level, limits=LIMITS.get(promise)) as seat:
        reply = run(driver, world, level, seat, HARSH[promise])
        assert "WORKED" not in reply.get("text", ""), reply["text"]
        assert reply.get("ok") or "silent" in reply or "MemoryError" in reply["error"], reply


@pytest.mark.parametrize(("who", "level", "promise"), table(DEADLY))
def test_ends_who_takes_too_much(drivers, world, who, level, promise):
    codes, limits, source = DEADLY[promise]
    driver = drivers(who, level)
    opened = driver.ask("open", level=level, limits=limits)
    if "refused" in opened:
        pytest.skip(opened["refused"])
    reply = run(driver, world, level, opened["seat"], source, 40)
    ended = driver.ask("close", seat=opened["seat"])
    assert "WORKED" not in reply.get("text", "")
    if codes is not None:
        assert "silent" in reply, reply
        assert ended["code"] in codes
    assert driver.ask("about")["pid"] == driver.process.pid  # whoever opened it still lives
    assert driver.ask("zygote")["pid"] in children(driver.process.pid)


@pytest.mark.parametrize(("who", "level"), TABLE)
def test_nothing_lives_on(drivers, world, who, level):
    driver = drivers(who, level)
    with driver.seat(level) as seat:
        reply = run(driver, world, level, seat, DAEMON)
        assert reply["ok"], reply
        assert len(living(world.marker)) >= 3
    late = time.monotonic() + 5
    while living(world.marker) and time.monotonic() < late:
        time.sleep(0.02)
    assert living(world.marker) == []


@pytest.mark.parametrize(("who", "level"), HONEST_TABLE)
def test_honest_work_works(drivers, world, who, level):
    driver = drivers(who, level)
    with driver.seat(level, reference=str(world.stored)) as seat:
        source = HONEST
        if level == "landlock":
            lines = source.split("\n")
            at = lines.index(WITHOUT)
            source = "\n".join(lines[:at] + lines[at + 3:])
        reply = run(driver, world, level, seat, source, 120)
        assert reply.get("text", "").strip() == "all well True", reply


def children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(p) for p in file.read().split()]
