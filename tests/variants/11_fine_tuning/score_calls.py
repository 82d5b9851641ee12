"""Answers to score-calls, right and wrong."""

# %% right="one_gate_after_another"
# Returns as soon as a gate is closed.
def score(text, tool, args):
    try:
        call = json.loads(text)
    except json.JSONDecodeError:
        return (False, False, False)
    if not isinstance(call, dict) or call.get("tool") != tool:
        return (True, False, False)
    return (True, True, call.get("args", None) == args)


# %% right="numbers_in_a_list"
# Counts how many gates were passed.
def score(text, tool, args):
    passed = 0
    try:
        call = json.loads(text)
        passed += 1
        passed += call["tool"] == tool
        passed += passed == 2 and call["args"] == args
    except Exception:
        pass
    return [passed > i for i in range(3)]


# %% wrong="looks_for_the_name_in_the_text"
# A substring is no JSON.
def score(text, tool, args):
    right = f'"{tool}"' in text
    return right, right, right and json.dumps(args) in text


# %% wrong="forgets_what_is_not_a_dict"
# A number, a list or null has no .get.
def score(text, tool, args):
    try:
        call = json.loads(text)
    except ValueError:
        return False, False, False
    right = call.get("tool") == tool
    return True, right, right and call.get("args") == args


# %% wrong="needs_both_keys"
# Raises for a call without arguments.
def score(text, tool, args):
    try:
        call = json.loads(text)
    except ValueError:
        return False, False, False
    if not isinstance(call, dict) or "tool" not in call:
        return True, False, False
    right = call["tool"] == tool
    return True, right, right and call["args"] == args


# %% wrong="cuts_the_call_out"
# Forgives sentences around the call: the program behind it will not.
def score(text, tool, args):
    try:
        call = json.loads(text[text.index("{"):text.rindex("}") + 1])
    except ValueError:
        return False, False, False
    right = isinstance(call, dict) and call.get("tool") == tool
    return True, right, right and call.get("args") == args


# %% wrong="compares_as_text"
# "15" and 15 look the same as text.
def score(text, tool, args):
    try:
        call = json.loads(text)
    except ValueError:
        return False, False, False
    right = isinstance(call, dict) and call.get("tool") == tool
    given = call.get("args") if right else None
    same = isinstance(given, dict) and (
        {k: str(v) for k, v in given.items()} == {k: str(v) for k, v in args.items()})
    return True, right, bool(same)


# %% wrong="more_arguments_are_fine"
# Looks only whether the wanted arguments are there.
def score(text, tool, args):
    try:
        call = json.loads(text)
    except ValueError:
        return False, False, False
    right = isinstance(call, dict) and call.get("tool") == tool
    given = call.get("args") if right else None
    return True, right, isinstance(given, dict) and all(
        name in given and given[name] == value for name, value in args.items())


# %% wrong="valid_means_a_call"
# Calls a list or a number invalid.
def score(text, tool, args):
    try:
        call = json.loads(text)
    except ValueError:
        return False, False, False
    if not isinstance(call, dict):
        return False, False, False
    right = call.get("tool") == tool
    return True, right, right and call.get("args") == args


# %% wrong="missing_args_are_empty"
# Takes a call without arguments for one with an empty dict of them.
def score(text, tool, args):
    try:
        call = json.loads(text)
    except ValueError:
        return False, False, False
    right = isinstance(call, dict) and call.get("tool") == tool
    return True, right, right and (call.get("args") or {}) == args


# %% wrong="expects_a_dict_of_args"
# Turns whatever stands under "args" into a dict, and stops when it is a number.
def score(text, tool, args):
    try:
        call = json.loads(text)
    except ValueError:
        return False, False, False
    right = isinstance(call, dict) and call.get("tool") == tool
    return True, right, right and dict(call.get("args", {})) == args


# %% wrong="capitals_do_not_count"
# Compares in lower case: Monday and monday become equal.
def score(text, tool, args):
    try:
        call = json.loads(text)
    except ValueError:
        return False, False, False
    right = isinstance(call, dict) and call.get("tool") == tool
    return True, right, right and (
        str(call.get("args")).lower() == str(args).lower())
