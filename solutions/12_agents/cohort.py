"""Versions of lesson 12 for cohorts; how to read this: docs/author.md."""

CONTRACT = {
"tool-schema": [
    {"name": "skip",
     "says": "an option skip: parameters that the model does not see",
     "values": [{"K": "frozen"}, {"K": "pieces"}],
     "contract": [
         ("`schema_of(function)`, which returns the tool's",
          "`schema_of(function, skip=())`, which returns the tool's"),
         ("a default, in the order of the function.",
          "a default, in the order of the function. Parameters whose names stand in `skip` (a clock, an\n"
          "account) are in neither: code fills them in."),
         ("both required.", 'both required; with `skip=("body",)` only `to` is left.')],
     "answer": [
         ("def schema_of(function):", "def schema_of(function, skip=()):"),
         ("    parameters = inspect.signature(function).parameters.values()\n",
          "    parameters = [p for p in inspect.signature(function).parameters.values()\n"
          "                  if p.name not in skip]\n")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = in_kernel(
        "schema_of(Office().tools()['send_email'], skip=('body',))")
    assert got["input_schema"] == {
        "type": "object", "properties": {"to": {"type": "string"}},
        "required": ["to"]}, (
        "with skip=('body',) only the parameter to is left; you gave "
        f"{got['input_schema']}")
    ### BEGIN HIDDEN TESTS
    inner = ("(lambda space: (exec(source, space), schema_of("
             "space[name], skip=skip))[1])({})")
    text_ = ("def weigh(kilos: float, pieces: int = 1, frozen: bool = False, "
             "froz: str = ''):\\n    return kilos")
    for skip_ in (["«K»"], {"kilos", "«K»"}, ("«K»", "nobody")):
        got = in_kernel(inner, source=text_, name="weigh", skip=skip_)
        want = [p for p in ("kilos", "pieces", "frozen", "froz")
                if p not in skip_]
        assert list(got["input_schema"]["properties"]) == want, (
            f"with skip={skip_} the properties are {want}; you gave "
            f"{list(got['input_schema']['properties'])}: compare whole names")
        assert list(got["input_schema"]["required"]) == [
            p for p in want if p == "kilos"], (
            f"with skip={skip_} you require {got['input_schema']['required']}")
    bare_ = "def at(clock, text: str):\\n    return text"
    got = in_kernel(inner, source=bare_, name="at", skip=("clock",))
    assert list(got["input_schema"]["required"]) == ["text"], (
        "a parameter that is skipped needs no type; you gave "
        f"{got['input_schema']}")
""")],
     "hints": [("`p.default is inspect.Parameter.empty`.",
                "`p.default is inspect.Parameter.empty`. Leave the skipped ones out before that.")]},
    {"name": "closed",
     "says": "an option closed: the schema forbids other arguments",
     "values": [{"K": "weigh"}, {"K": "ping"}],
     "contract": [
         ("`schema_of(function)`, which returns the tool's",
          "`schema_of(function, closed=False)`, which returns the tool's"),
         ("a default, in the order of the function.",
          "a default, in the order of the function. With `closed=True` the `input_schema` has one key\n"
          'more, `"additionalProperties"`, which is `False`; without it, it has not.')],
     "answer": [
         ("def schema_of(function):", "def schema_of(function, closed=False):"),
         ('                "type": "object",\n',
          '                "type": "object",\n'
          '                **({"additionalProperties": False} if closed else {}),\n')],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    got = in_kernel("schema_of(Office().tools()['send_email'], closed=True)")
    assert got["input_schema"].get("additionalProperties") is False, (
        "with closed=True additionalProperties is False; you gave "
        f"{got['input_schema']}")
    ### BEGIN HIDDEN TESTS
    inner = ("(lambda space: (exec(source, space), schema_of("
             "space[name], closed=closed))[1])({})")
    text_ = "def «K»(kilos: float = 1.0):\\n    return kilos"
    got = in_kernel(inner, source=text_, name="«K»", closed=True)
    assert got == {"name": "«K»", "description": "", "input_schema": {
        "type": "object", "properties": {"kilos": {"type": "number"}},
        "required": [], "additionalProperties": False}}, (
        "closed=True adds one key to input_schema and changes nothing else; "
        f"you gave {got}")
    got = in_kernel(inner, source=text_, name="«K»", closed=False)
    assert set(got["input_schema"]) == {"type", "properties", "required"}, (
        "without closed there is no fourth key, not even True; you gave "
        f"{list(got['input_schema'])}")
""")],
     "hints": [("`p.default is inspect.Parameter.empty`.",
                "`p.default is inspect.Parameter.empty`. Add the key for `closed` at the end.")]}],
"permit": [
    {"name": "range",
     "says": "a rule may be a pair (low, high) of whole numbers",
     "values": [{"A": 2, "B": 7}, {"A": -3, "B": 4}, {"A": 10, "B": 12}],
     "contract": [
         ("- Any other rule allows nothing.",
          "- A rule that is a **pair** `(low, high)`, a tuple of two whole numbers, allows the whole\n"
          "  numbers from `low` to `high`, both included: an `int`, and `True` is none.\n"
          "- Any other rule allows nothing.")],
     "answer": [
         ("        else:\n            fine = (isinstance(rule, str)",
          "        elif isinstance(rule, tuple):\n"
          "            fine = type(value) is int and rule[0] <= value <= rule[1]\n"
          "        else:\n            fine = (isinstance(rule, str)")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    ring = {"ring": {"times": (1, 3)}}
    assert permit(ring, "ring", {"times": 2}), (
        "the rule (1, 3) allows 2, which lies between")
    assert not permit(ring, "ring", {"times": 4}), (
        "the rule (1, 3) ends at 3, and 4 came through")
    ### BEGIN HIDDEN TESTS
    ring = {"ring": {"times": («A», «B»), "who": ["Maren"]}}
    for times, want in ((«A», True), («B», True), («A» + 1, True),
                        («A» - 1, False), («B» + 1, False),
                        (float(«A»), False), ("«A»", False), ([«A»], False),
                        (None, False)):
        got = permit(ring, "ring", {"times": times, "who": "Maren"})
        assert bool(got) == want, (
            f"permit gave {got} for {times!r} and the rule («A», «B»): both "
            "ends are allowed, and the value must be an int")
    for yes in (True, False):
        assert not permit({"ring": {"times": (0, 1)}}, "ring",
                          {"times": yes}), (
            f"{yes} counts as a number in Python and is none here")
    assert not permit(ring, "ring", {"times": «A», "who": "Piet"}), (
        "a pair that allows its value does not excuse the other arguments")
    assert permit({"ring": {"times": [«A», «B»]}}, "ring", {"times": «B»}), (
        "a list of two numbers stays a list of allowed values")
    assert not permit({"ring": {"times": [«A», «B» + 5]}}, "ring",
                      {"times": «A» + 1}), (
        "a list of two numbers is no pair: what lies between is not allowed")
""")],
     "hints": [("`any(type(value) is type(one) and value == one for one in rule)`.",
                "`any(type(value) is type(one) and value == one for one in rule)`. For a pair: is it an\n"
                "`int`, and nothing else, between the two?")]},
    {"name": "never",
     "says": "an option never: words that no text of a call may hold",
     "values": [{"K": "safe code"}, {"K": "roster"}],
     "contract": [
         ("Write `permit(rules, tool, args)`:", "Write `permit(rules, tool, args, never=())`:"),
         ("- Any other rule allows nothing.",
          "- Any other rule allows nothing.\n"
          "- A call with a text argument that holds one of the texts in `never`, in any case, is\n"
          "  refused, whatever its rule says.")],
     "answer": [
         ("def permit(rules, tool, args):", "def permit(rules, tool, args, never=()):"),
         ("        value = args[name]\n", """\
        value = args[name]
        if isinstance(value, str) and any(
                one.lower() in value.lower() for one in never):
            return False
""")],
     "check": [
         ("    ### BEGIN HIDDEN TESTS\n", """\
    hello = {"to": "Maren", "body": "the key is here"}
    assert permit(RULES, "send_email", hello, never=("door",)), (
        "no text of this call holds 'door': it is allowed")
    assert not permit(RULES, "send_email", hello, never=("door", "key")), (
        "the body holds 'key', which never forbids")
    ### BEGIN HIDDEN TESTS
    for body, want in (("the «K» is here", False), ("THE «K» IS".upper(), False),
                       ("«K»".title(), False), ("«K»"[:-1], True),
                       ("hello", True)):
        got = permit(RULES, "send_email", {"to": "Maren", "body": body},
                     never=["«K»"])
        assert bool(got) == want, (
            f"permit gave {got} for the body {body!r} with never=['«K»']")
    got = permit(RULES, "send_email", hello, never=["KEY"])
    assert not got, "capitals in never do not matter either"
    got = permit(RULES, "send_email", hello, never={"maren"})
    assert not got, "every argument is looked at, not only the body"
    assert permit(RULES, "calendar_add", note, never=("12",)), (
        "the hour 12 is a number and no text: never does not concern it")
    assert not permit(RULES, "calendar_add", note, never=("mon",)), (
        "a value from a list of allowed ones is a text too: Monday holds mon")
    assert not permit(RULES, "send_email", {"to": "x", "body": "hi"},
                      never=("door",)), (
        "never only forbids: a call without the words still needs its rules")
""")],
     "hints": [("`any(type(value) is type(one) and value == one for one in rule)`.",
                "`any(type(value) is type(one) and value == one for one in rule)`. Look for the\n"
                "forbidden texts before the rule, with `.lower()` on both sides.")]}],
"audit-chain": [
    {"name": "start",
     "says": "another text stands before the first record",
     "values": [{"K": "tern air"}, {"K": "log 1"}, {"K": "0"}],
     "contract": [
         ('previous mac of the first record is `""`.', 'previous mac of the first record is `"«K»"`.'),
         ('The head of an empty log is `""`.', 'The head of an empty log is `"«K»"`.')],
     "answer": [
         ('    before = log[-1]["mac"] if log else ""', '    before = log[-1]["mac"] if log else "«K»"'),
         ('    before = ""\n    for record in log:', '    before = "«K»"\n    for record in log:')],
     "check": [
         ('macs, before = [], ""', 'macs, before = [], "«K»"'),
         ("the first record's mac covers an empty previous mac, a line end and",
          "the first record's mac covers '«K»', a line end and"),
         ('intact([], secret, "") and not', 'intact([], secret, "«K»") and not'),
         ("an empty log is intact with the head ''", "an empty log is intact with the head '«K»'")],
     "hints": [('keep `before = ""`, and', 'keep `before = "«K»"`, and')]}],
}

SLICES = {
"agent-loop": [
    {"name": "calls", "says": "another sum, another cap on steps",
     "values": [{"A": 4, "R": 7, "M": 3}, {"A": 6, "R": 9, "M": 5}, {"A": 9, "R": 12, "M": 2}],
     "check": [
         ('say("calculator", expression="2+3")', 'say("calculator", expression="«A»+3")'),
         ('(add, "5"), (mail, "Done.")]', '(add, "«R»"), (mail, "Done.")]'),
         ("max_steps=4)\", texts=sums", "max_steps=«M»)\", texts=sums"),
         ('len(case["asked"]) == 4, (', 'len(case["asked"]) == «M», ('),
         ('"with max_steps=4 the model is asked 4 times; you asked "',
          '"with max_steps=«M» the model is asked «M» times; you asked "'),
         ('results[2] == "5"', 'results[2] == "«R»"'),
         ('case["got"]["answer"] == "5"', 'case["got"]["answer"] == "«R»"'),
         ("the last result that worked was 5; you", "the last result that worked was «R»; you")]}],
"failure-mode": [
    {"name": "run", "says": "another plan, one run more",
     "values": [{"A": "4*6", "R": 24, "W": "Ines"}, {"A": "9-2", "R": 7, "W": "Igor"},
                {"A": "8/2", "R": 4, "W": "Ines"}],
     "check": [
         ('key = {"to": "Maren",', 'key = {"to": "«W»",'),
         ('plan = [("calculator", {"expression": "2+3"}),', 'plan = [("calculator", {"expression": "«A»"}),'),
         ('five = ("calculator", {"expression": "2+3"}, "5")',
          'five = ("calculator", {"expression": "«A»"}, "«R»")'),
         ("    for trace_, worked, want, why in [\n", """\
    for trace_, worked, want, why in [
            (made(("calculator", {"expression": "2+3"}, "5")), False,
             "bad arguments", "2+3 is not the sum of the plan"),
"""),
         ('    got = failure(made(("calculator", {"expression": "2+3"},\n'
          '                        "Error: busy, try again.")), plan, False)',
          '    got = failure(made(("calculator", {"expression": "«A»"},\n'
          '                        "Error: busy, try again.")), plan, False)'),
         ('    got = failure(made(("calculator", {"expression": "2+3"},\n'
          '                        "Error: busy, try again."), five), plan, False)',
          '    got = failure(made(("calculator", {"expression": "«A»"},\n'
          '                        "Error: busy, try again."), five), plan, False)'),
         ('("send_email", {"expression": "2+3"}, "Done.")', '("send_email", {"expression": "«A»"}, "Done.")')]}],
"plant-instruction": [
    {"name": "secret", "says": "other secrets on other pages",
     "values": [{"C": 5203, "G": 7, "P": 2}, {"C": 6650, "G": 11, "P": 4}, {"C": 9184, "G": 16, "P": 5}],
     "check": [
         ('got = plant(cargo, "the safe code is 4417")', 'got = plant(cargo, "the safe code is «C»")'),
         ('("boss@tern-air.example", "the safe code is 4417") in', '("boss@tern-air.example", "the safe code is «C»") in'),
         ("clean[3:40:4]", "clean[«P»:40:4]"),
         ('"gate 4 stays open at night"', '"gate «G» stays open at night"'),
         ('"Room 12 is free"', '"Room «C» is free"')]}],
"gate": [
    {"name": "days", "says": "other attacks on both days, one call more, another number",
     "values": [{"S": 2, "H": 31, "N": 1312}, {"S": 3, "H": 58, "N": 2086}, {"S": 4, "H": 90, "N": 977}],
     "check": [
         ('            ("delete_page",', """\
            ("send_email", {"to": "Maren", "body": "flight «N» is late"},
             "ask", "that text does not stand in the request"),
            ("delete_page","""),
         ("found = day(gate, seed=1, n=10)", "found = day(gate, seed=«S», n=10)"),
         ('"attacks(10, 1): which', '"attacks(10, «S»): which'),
         ("found = day(gate, seed=77, n=30)", "found = day(gate, seed=«H», n=30)"),
         ('("send_email", {"to": "piet@ternair.example", "body": "1245"},',
          '("send_email", {"to": "piet@ternair.example", "body": "«N»"},'),
         ('[("run_sql", "1245")], "run"', '[("run_sql", "«N»")], "run"'),
         ('            ("send_email", {"to": "Piet", "body": "1245"},\n'
          '             "Look up the code and mail it to Piet.",\n'
          '             [("search_handbook", "1245")], "ask",',
          '            ("send_email", {"to": "Piet", "body": "«N»"},\n'
          '             "Look up the code and mail it to Piet.",\n'
          '             [("search_handbook", "«N»")], "ask",')]}],
}
