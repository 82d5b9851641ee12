"""Answers to permit, right and wrong."""


# %% right="one_expression"
# A helper for one value, and all() over the rules.
def fits(rule, value):
    if type(rule) is list:
        return (type(value), value) in [(type(one), one) for one in rule]
    if type(rule) is str and type(value) is str:
        return bool(re.fullmatch(rule, value))
    return False


def permit(rules, tool, args):
    wanted = rules.get(tool)
    return (wanted is not None and sorted(args) == sorted(wanted)
            and all(fits(wanted[name], args[name]) for name in args))


# %% right="early_returns"
# One reason to refuse after the other.
def permit(rules, tool, args):
    if tool not in rules:
        return False
    if set(args) != set(rules[tool]):
        return False
    for name, rule in rules[tool].items():
        value = args[name]
        if isinstance(rule, list):
            if not any(type(value) is type(one) and value == one
                       for one in rule):
                return False
        elif isinstance(rule, str):
            if not isinstance(value, str):
                return False
            if not re.fullmatch(rule, value):
                return False
        else:
            return False
    return True


# %% wrong="start_of_the_value"
# re.match looks at the start only: maren@ternair.example.net fits.
def permit(rules, tool, args):
    if tool not in rules:
        return False
    if set(args) != set(rules[tool]):
        return False
    for name, rule in rules[tool].items():
        value = args[name]
        if isinstance(rule, list):
            if not any(type(value) is type(one) and value == one
                       for one in rule):
                return False
        elif isinstance(rule, str):
            if not isinstance(value, str):
                return False
            if not re.match(rule, value):
                return False
        else:
            return False
    return True


# %% wrong="dollar_is_not_the_end"
# A $ also fits before a line end.
def permit(rules, tool, args):
    if tool not in rules:
        return False
    if set(args) != set(rules[tool]):
        return False
    for name, rule in rules[tool].items():
        value = args[name]
        if isinstance(rule, list):
            if not any(type(value) is type(one) and value == one
                       for one in rule):
                return False
        elif isinstance(rule, str):
            if not isinstance(value, str):
                return False
            if not re.match(f"(?:{rule})$", value):
                return False
        else:
            return False
    return True


# %% wrong="anywhere_in_the_value"
# re.search finds the name in the middle of another address.
def permit(rules, tool, args):
    if tool not in rules:
        return False
    if set(args) != set(rules[tool]):
        return False
    for name, rule in rules[tool].items():
        value = args[name]
        if isinstance(rule, list):
            if not any(type(value) is type(one) and value == one
                       for one in rule):
                return False
        elif isinstance(rule, str):
            if not isinstance(value, str):
                return False
            if not re.search(rule, value):
                return False
        else:
            return False
    return True


# %% wrong="true_is_one"
# Python's in takes True for 1 and 12.0 for 12.
def permit(rules, tool, args):
    if tool not in rules:
        return False
    if set(args) != set(rules[tool]):
        return False
    for name, rule in rules[tool].items():
        value = args[name]
        if isinstance(rule, list):
            if value not in rule:
                return False
        elif isinstance(rule, str):
            if not isinstance(value, str):
                return False
            if not re.fullmatch(rule, value):
                return False
        else:
            return False
    return True


# %% wrong="extra_arguments_pass"
# Looks only at the arguments that have a rule.
def permit(rules, tool, args):
    if tool not in rules:
        return False
    if not set(rules[tool]) <= set(args):
        return False
    for name, rule in rules[tool].items():
        value = args[name]
        if isinstance(rule, list):
            if not any(type(value) is type(one) and value == one
                       for one in rule):
                return False
        elif isinstance(rule, str):
            if not isinstance(value, str):
                return False
            if not re.fullmatch(rule, value):
                return False
        else:
            return False
    return True


# %% wrong="missing_arguments_pass"
# Looks only at the arguments that the call has.
def permit(rules, tool, args):
    if tool not in rules:
        return False
    if not set(args) <= set(rules[tool]):
        return False
    for name, rule in rules[tool].items():
        if name not in args:
            continue
        value = args[name]
        if isinstance(rule, list):
            if not any(type(value) is type(one) and value == one
                       for one in rule):
                return False
        elif isinstance(rule, str):
            if not isinstance(value, str):
                return False
            if not re.fullmatch(rule, value):
                return False
        else:
            return False
    return True


# %% wrong="allowed_unless_forbidden"
# A tool without rules is allowed.
def permit(rules, tool, args):
    if tool not in rules:
        return True
    if set(args) != set(rules[tool]):
        return False
    for name, rule in rules[tool].items():
        value = args[name]
        if isinstance(rule, list):
            if not any(type(value) is type(one) and value == one
                       for one in rule):
                return False
        elif isinstance(rule, str):
            if not isinstance(value, str):
                return False
            if not re.fullmatch(rule, value):
                return False
        else:
            return False
    return True


# %% wrong="unknown_rule_allows"
# A rule of another kind lets everything pass.
def permit(rules, tool, args):
    if tool not in rules:
        return False
    if set(args) != set(rules[tool]):
        return False
    for name, rule in rules[tool].items():
        value = args[name]
        if isinstance(rule, list):
            if not any(type(value) is type(one) and value == one
                       for one in rule):
                return False
        elif isinstance(rule, str):
            if not isinstance(value, str):
                return False
            if not re.fullmatch(rule, value):
                return False
    return True


# %% wrong="numbers_become_text"
# Turns every value into a text before it compares.
def permit(rules, tool, args):
    if tool not in rules:
        return False
    if set(args) != set(rules[tool]):
        return False
    for name, rule in rules[tool].items():
        value = args[name]
        if isinstance(rule, list):
            if str(value) not in [str(one) for one in rule]:
                return False
        elif isinstance(rule, str):
            if not isinstance(value, str):
                return False
            if not re.fullmatch(rule, value):
                return False
        else:
            return False
    return True


# %% wrong="one_argument_is_enough"
# Returns True at the first argument that fits.
def permit(rules, tool, args):
    if tool not in rules:
        return False
    if set(args) != set(rules[tool]):
        return False
    for name, rule in rules[tool].items():
        value = args[name]
        if isinstance(rule, list):
            if not any(type(value) is type(one) and value == one
                       for one in rule):
                return False
        elif isinstance(rule, str):
            if not isinstance(value, str):
                return False
            if re.fullmatch(rule, value):
                return True
            return False
        else:
            return False
    return True


# %% wrong="whatever_holds_values"
# Looks with `in`-like comparison into any rule that can be looped over: a tuple is no list.
def permit(rules, tool, args):
    if tool not in rules or set(args) != set(rules[tool]):
        return False
    for name, rule in rules[tool].items():
        value = args[name]
        if isinstance(rule, str):
            fine = (isinstance(value, str)
                    and re.fullmatch(rule, value) is not None)
        elif hasattr(rule, "__iter__"):
            fine = any(type(value) is type(one) and value == one
                       for one in rule)
        else:
            fine = False
        if not fine:
            return False
    return True
