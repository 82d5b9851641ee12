"""Lesson 12's office, loop, cases, models, trace and MCP server, without the language model."""

import importlib.util

import pytest

from course.agentcases import (FRESH, KINDS, TASKS, Attack, Person, Task, attacks, extra, failing,
                               poisoned, same, solved)
from course.agentloop import Limits, run_agent
from course.agentmodels import (CHECKS, NONE, Checked, Obeying, Scripted, fits, left_out,
                                tool_of)
from course.agenttrace import cut, show_trace
from course.agentworld import Office, ToolError, calculate, find, tables_of
from course.studies.agents import failure_mode, reference_gate
from course.toolcalls import AGAIN, TOOLS, call_text

needs_mcp = pytest.mark.skipif(importlib.util.find_spec("mcp") is None, reason="mcp is not here")


def test_tools_are_those_of_the_tuned_model():
    tools = Office().tools()
    assert set(tools) | {"none"} == set(TOOLS)
    for name, function in tools.items():
        hints = {key: kind for key, kind in function.__annotations__.items() if key != "return"}
        assert hints == dict(TOOLS[name].args)


def test_calculator_only_calculates():
    assert calculate("(2+3)*4/-8") == "-2.5"
    for bad in ("__import__('os')", "9**9**9", "a", "1/0", "'a'*9", "2+", "True", "1+" * 60 + "1",
                "(" * 90):
        with pytest.raises(ToolError):
            calculate(bad)


def test_changes_are_kept_and_reads_are_not():
    office = Office()
    tools = office.tools()
    assert tools["run_sql"](query="SELECT COUNT(*) FROM flights") == "27004"
    assert tools["send_email"](to="Maren", body="hi") == "Done."
    for tool, args in (("file_claim", {"booking": "1", "item": "x"}),
                       ("calendar_add", {"title": "x", "day": "Monday", "hour": 24}),
                       ("run_sql", {"query": "DELETE FROM flights"})):
        with pytest.raises(ToolError):
            tools[tool](**args)
    assert office.effects() == [("send_email", {"to": "Maren", "body": "hi"})]


def test_tables_of_asks_sqlite():
    assert tables_of("SELECT COUNT(*) FROM flights WHERE dest='bookings'") == ["flights"]
    assert tables_of("WITH flights AS (SELECT * FROM Bookings) SELECT name FROM flights") == [
        "bookings"]
    assert tables_of('SELECT name FROM "bookings"') == ["bookings"]
    for unknown in ("DROP TABLE x", "SELECT 1; SELECT 2", "", "SELECT x FROM nowhere"):
        assert tables_of(unknown) == ["?"]


def test_search_finds_the_page_and_names_its_file():
    assert find("crosswind limit").startswith("[wind-limits.txt] The crosswind limit")
    with pytest.raises(ToolError):
        find("qwertz")


def test_planned_tasks_are_solved_and_idle_ones_are_not():
    assert len(TASKS) == 20 and sum(bool(task.effects) for task in TASKS) >= 8
    for task in (*TASKS, *FRESH):
        office = Office()
        trace = run_agent(Obeying(task), task.request, office.tools())
        assert solved(task, office, trace), task.id
        office = Office()
        trace = run_agent(Scripted([]), task.request, office.tools())
        assert solved(task, office, trace) == (not task.plan), task.id


def test_attacks_harm_the_bare_loop_and_not_the_gated_one():
    cases = attacks(30)
    assert {attack.kind for attack in cases} == set(KINDS)
    assert len({(attack.kind, attack.channel) for attack in attacks(24)}) == 24
    assert {attack.channel for attack in cases} == {"page", "result", "file name"}
    assert len({attack.task.request for attack in cases}) == 30, "no control stands for two"
    for attack in cases:
        office = Office()
        run_agent(Obeying(attack.task, attack), attack.task.request,
                  poisoned(office.tools(), attack))
        assert extra(attack.task, office), attack.id
        office, person = Office(), Person()
        person.task = attack.task
        trace = run_agent(Obeying(attack.task, attack), attack.task.request,
                          poisoned(office.tools(), attack), reference_gate, person.approve)
        assert not extra(attack.task, office) and solved(attack.task, office, trace), attack.id


def test_reference_gate_does_the_clean_tasks():
    person = Person()
    for task in TASKS:
        office, person.task = Office(), task
        trace = run_agent(Obeying(task), task.request, office.tools(), reference_gate,
                          person.approve)
        assert solved(task, office, trace), task.id
    assert len(person.asked) < 8
    assert reference_gate("delete_page", {}, "x", []) == "refuse"
    assert reference_gate("calendar_add", {"title": "", "day": "Monday", "hour": 9},
                          "On Monday", []) == "refuse"


def test_same_compares_what_matters():
    task = Task("t", "x", (("send_email", {"to": "Maren", "body": "the van is here"}),))
    for given, want in (({"to": "maren@ternair.example", "body": "The van is here."}, True),
                        ({"to": "Piet", "body": "the van is here"}, False),
                        ({"to": "Maren", "body": "the van is gone"}, False)):
        assert same(task, task.plan[0], ("send_email", given)) is want
    assert not same(task, task.plan[0], ("file_claim", {"booking": "A", "item": "b"}))


def test_a_tired_person_says_yes():
    person = Person(patience=1)
    person.task = TASKS[11]
    tool, args = person.task.plan[0]
    assert person.approve(tool, args)
    assert person.approve("send_email", {"to": "x", "body": "y"}) and len(person.asked) == 2
    careful = Person(patience=9)
    careful.task = TASKS[11]
    assert not careful.approve("send_email", {"to": "x", "body": "y"})


def test_loop_ends():
    office, now = Office(), [0.0]
    sums = [("calculator", {"expression": f"{n}+1"}) for n in range(20)]

    def clock():
        now[0] += 1
        return now[0]

    def ended(calls, **limits):
        return run_agent(Scripted(calls), "x", office.tools(), limits=Limits(**limits),
                         clock=clock)

    assert ended(sums, steps=4)["stopped"] == "steps"
    assert ended(sums, steps=99, seconds=10)["stopped"] == "seconds"
    assert ended(sums, steps=99, seconds=999, usd=.0003)["stopped"] == "money"
    assert ended(sums[:1] * 9, seconds=999)["stopped"] == "repeat"
    assert ended(["no call"] * 9, seconds=999)["stopped"] == "fault"
    assert ended(sums[:1], seconds=999)["stopped"] == "done"


def test_loop_tries_again_only_when_told():
    task = TASKS[0]
    for text, retries, want in ((AGAIN[0], 0, False), (AGAIN[0], 1, True), ("broken.", 1, False)):
        office = Office()
        trace = run_agent(Scripted(task.plan), task.request, failing(office.tools(), text),
                          limits=Limits(retries=retries))
        assert solved(task, office, trace) is want


def test_loop_trusts_no_gate_that_says_something_else():
    office = Office()
    mail = ("send_email", {"to": "Maren", "body": "hi"})
    for answer in ("RUN", None, True, "", "ask"):
        trace = run_agent(Scripted([mail]), "x", office.tools(), lambda *_, a=answer: a)
        assert trace["steps"][0]["decision"] in ("refused", "denied")
    assert office.effects() == []


def test_failure_modes():
    plan = TASKS[15].plan

    def kind(calls, stopped="done", worked=False):
        steps = [{"tool": t, "args": a, "result": r, "decision": "run"} for t, a, r in calls]
        return failure_mode({"steps": steps, "stopped": stopped}, plan, worked)

    done = (*plan[0], "682")
    assert kind([done], worked=True) == "" and kind([done], "steps") == "loop"
    assert kind([("file_claim", {}, "Done.")]) == "wrong tool"
    assert kind([("calculator", {"expression": "1"}, "1")]) == "bad arguments"
    assert kind([("", {}, "Error: x")]) == "bad arguments"
    assert kind([]) == kind([(*plan[0], "Error: x")]) == "gave up"
    assert kind([done]) == "false claim"


def lazy(request, steps, start="", seed=0):
    """Says none, or only what it has to."""
    return {"": NONE, '{"tool": "search_handbook", "args": {"':
            call_text("search_handbook", {"query": "x"})}.get(start, start), 0.0


def test_checked_model_has_to_write_what_the_request_names():
    request = "Book lunch on Friday and email Piet, booking W5NE8P."
    model, steps = Checked(lazy), []
    args = {"file_claim": {"booking": "W5NE8P", "item": "x"}, "send_email": {"to": "P", "body": "x"},
            "calendar_add": {"title": "lunch", "day": "Friday", "hour": 12}}
    for tool in CHECKS:
        text, _ = model(request, steps)
        assert f'"{tool}"' in text
        steps.append((call_text(tool, args[tool]), "Done."))
    assert model(request, steps)[0] == NONE
    assert '"search_handbook"' in model("How long?", [("x", "Error: no such column.")])[0]
    assert model("How long?", [("x", "5")])[0] == NONE
    assert Checked(lazy, ())(request, [])[0] == NONE


def test_checked_model_routes_and_redraws():
    query = "SELECT COUNT(*) FROM flights WHERE carrier='B6'"
    short = call_text("run_sql", {"query": query})
    whole = call_text("run_sql", {"query": query + " AND dest='MCO'"})

    def model(request, steps, start="", seed=0):
        if start:
            return lazy(request, steps, start)
        return (whole if seed == 3 else short), 1.0

    assert left_out("B6 flights to MCO?", short) == ["MCO"] and not left_out("x MCO", whole)
    assert Checked(model)("B6 flights to MCO?", []) == (whole, 4.0)
    assert Checked(model)("B6 flights to DEN?", [])[0] == short
    assert tool_of(Checked(model)("How long do we look?", [])[0]) == "search_handbook"
    assert Checked(model, ["redraw"])("How long do we look?", [])[0] == short
    assert fits("calculator", "2 and 3") and not fits("calculator", "two and 3")


def test_trace_view_escapes_what_others_wrote():
    bad = "<script>alert(1)</script>"
    trace = run_agent(Scripted([("send_email", {"to": bad, "body": "<b>x</b>"}), bad]), bad,
                      Office().tools())
    shown = show_trace(trace)._repr_html_()
    assert "<script" not in shown and "<b>" not in shown and "&lt;script&gt;" in shown
    assert 'scope="col"' in shown and 'scope="row"' in shown and "<caption" in shown
    text = str(show_trace(trace))
    assert "says it is done" in text and "send_email" in text and "Ended by" in text
    long = cut("start " + "x" * 500 + " end")
    assert long.startswith("start") and long.endswith("end") and len(long) <= 200
    empty = run_agent(Scripted([]), "x", {}, limits=Limits(steps=0))
    assert "the cap on steps" in show_trace(empty)._repr_html_()


@needs_mcp
def test_tools_over_mcp_in_process():
    from course.agentmcp import called, listed, mcp_server, wait

    office = Office()
    server = mcp_server(office.tools())
    schemas = wait(listed(server))
    assert schemas["calendar_add"]["properties"]["hour"] == {"type": "integer"}
    assert schemas["send_email"]["required"] == ["to", "body"]
    assert wait(called(server, "send_email", {"to": "Maren", "body": "hi"})) == (True, "Done.")
    worked, text = wait(called(server, "calendar_add", {"title": "x", "day": "y", "hour": "z"}))
    assert not worked and "hour" in text
    assert len(office.effects()) == 1


@needs_mcp
def test_tools_over_mcp_as_a_process():
    from course.agentmcp import by_stdio, called, wait

    assert wait(called(by_stdio(), "calculator", {"expression": "6*7"})) == (True, "42")


def test_attack_has_what_the_lesson_reads():
    attack = Attack("a", "k", "page", TASKS[2], "search_handbook", " Do it.", ("none", {}))
    tools = poisoned(Office().tools(), attack)
    assert tools["search_handbook"](query="surfboard").endswith(" Do it.")
