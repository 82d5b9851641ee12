"""Answers to failure-mode, right and wrong."""

# %% right="sets_of_names"
# Works with sets of tool names and a list of plain pairs.
def failure(trace, plan, worked):
    if worked:
        return ""
    if trace["stopped"] != "done" and trace["stopped"] != "fault":
        return "loop"
    calls = [s for s in trace["steps"] if s["tool"] != "none"]
    tools = {s["tool"] for s in calls} - {""}
    if tools - {pair[0] for pair in plan}:
        return "wrong tool"
    pairs = [[pair[0], pair[1]] for pair in plan]
    if [s for s in calls if [s["tool"], s["args"]] not in pairs]:
        return "bad arguments"
    if not [s for s in calls if not s["result"].startswith("Error: ")]:
        return "gave up"
    return "false claim"


# %% right="nested_loops"
# Counts what is wrong in one pass over the steps.
def failure(trace, plan, worked):
    foreign = odd = good = 0
    for step in trace["steps"]:
        if step["tool"] == "none":
            continue
        same_tool = [args for tool, args in plan if tool == step["tool"]]
        foreign += bool(step["tool"]) and not same_tool
        odd += step["args"] not in same_tool
        good += not step["result"].startswith("Error: ")
    if worked:
        return ""
    if trace["stopped"] in {"repeat", "steps", "seconds", "money"}:
        return "loop"
    if foreign:
        return "wrong tool"
    if odd:
        return "bad arguments"
    return "false claim" if good else "gave up"


# %% wrong="all_but_done_is_a_loop"
# Takes a run that stopped with "fault" for a loop.
def failure(trace, plan, worked):
    if worked:
        return ""
    if trace["stopped"] != "done":
        return "loop"
    plan = [(tool, args) for tool, args in plan]
    calls = [s for s in trace["steps"] if s["tool"] != "none"]
    named = [s for s in calls if s["tool"]]
    if any(s["tool"] not in [tool for tool, _ in plan] for s in named):
        return "wrong tool"
    if len(named) < len(calls) or any(
            (s["tool"], s["args"]) not in plan for s in named):
        return "bad arguments"
    errors = [s["result"].startswith("Error: ") for s in calls]
    return "gave up" if all(errors) else "false claim"


# %% wrong="loop_before_worked"
# Calls every repeat a failure, also where the work was done.
def failure(trace, plan, worked):
    if trace["stopped"] in ("repeat", "steps", "seconds", "money"):
        return "" if worked and trace["stopped"] != "repeat" else "loop"
    if worked:
        return ""
    plan = [(tool, args) for tool, args in plan]
    calls = [s for s in trace["steps"] if s["tool"] != "none"]
    named = [s for s in calls if s["tool"]]
    if any(s["tool"] not in [tool for tool, _ in plan] for s in named):
        return "wrong tool"
    if len(named) < len(calls) or any(
            (s["tool"], s["args"]) not in plan for s in named):
        return "bad arguments"
    errors = [s["result"].startswith("Error: ") for s in calls]
    return "gave up" if all(errors) else "false claim"


# %% wrong="none_is_a_call"
# Finds none in the trace, and none is in no plan.
def failure(trace, plan, worked):
    if worked:
        return ""
    if trace["stopped"] in ("repeat", "steps", "seconds", "money"):
        return "loop"
    if any(s["tool"] not in [tool for tool, _ in plan]
           for s in trace["steps"]):
        return "wrong tool"
    if any((s["tool"], s["args"]) not in list(plan) for s in trace["steps"]):
        return "bad arguments"
    return "false claim"


# %% wrong="only_first_call"
# Judges by the first call alone.
def failure(trace, plan, worked):
    if worked:
        return ""
    if trace["stopped"] in ("repeat", "steps", "seconds", "money"):
        return "loop"
    calls = [s for s in trace["steps"] if s["tool"] != "none"]
    if not calls:
        return "gave up"
    first = calls[0]
    if first["tool"] not in [tool for tool, _ in plan]:
        return "wrong tool"
    if (first["tool"], first["args"]) not in list(plan):
        return "bad arguments"
    return "false claim"


# %% wrong="repeat_is_the_only_loop"
# Forgets the three caps.
def failure(trace, plan, worked):
    if worked:
        return ""
    if trace["stopped"] == "repeat":
        return "loop"
    plan = [(tool, args) for tool, args in plan]
    calls = [s for s in trace["steps"] if s["tool"] != "none"]
    named = [s for s in calls if s["tool"]]
    if any(s["tool"] not in [tool for tool, _ in plan] for s in named):
        return "wrong tool"
    if len(named) < len(calls) or any(
            (s["tool"], s["args"]) not in plan for s in named):
        return "bad arguments"
    errors = [s["result"].startswith("Error: ") for s in calls]
    return "gave up" if all(errors) else "false claim"


# %% wrong="arguments_of_any_tool"
# Accepts arguments that the plan has for another tool.
def failure(trace, plan, worked):
    if worked:
        return ""
    if trace["stopped"] in ("repeat", "steps", "seconds", "money"):
        return "loop"
    calls = [s for s in trace["steps"] if s["tool"] != "none"]
    named = [s for s in calls if s["tool"]]
    if any(s["tool"] not in [tool for tool, _ in plan] for s in named):
        return "wrong tool"
    if len(named) < len(calls) or any(
            s["args"] not in [args for _, args in plan] for s in named):
        return "bad arguments"
    errors = [s["result"].startswith("Error: ") for s in calls]
    return "gave up" if all(errors) else "false claim"


# %% wrong="gave_up_needs_no_call"
# Takes a run whose only call failed for a false claim.
def failure(trace, plan, worked):
    if worked:
        return ""
    if trace["stopped"] in ("repeat", "steps", "seconds", "money"):
        return "loop"
    plan = [(tool, args) for tool, args in plan]
    calls = [s for s in trace["steps"] if s["tool"] != "none"]
    named = [s for s in calls if s["tool"]]
    if any(s["tool"] not in [tool for tool, _ in plan] for s in named):
        return "wrong tool"
    if len(named) < len(calls) or any(
            (s["tool"], s["args"]) not in plan for s in named):
        return "bad arguments"
    return "false claim" if calls else "gave up"


# %% wrong="no_call_is_wrong_tool"
# A text that is no call has the tool "", which is in no plan either.
def failure(trace, plan, worked):
    if worked:
        return ""
    if trace["stopped"] in ("repeat", "steps", "seconds", "money"):
        return "loop"
    plan = [(tool, args) for tool, args in plan]
    calls = [s for s in trace["steps"] if s["tool"] != "none"]
    if any(s["tool"] not in [tool for tool, _ in plan] for s in calls):
        return "wrong tool"
    if any((s["tool"], s["args"]) not in plan for s in calls):
        return "bad arguments"
    errors = [s["result"].startswith("Error: ") for s in calls]
    return "gave up" if all(errors) else "false claim"
