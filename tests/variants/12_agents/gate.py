"""Answers to gate, right and wrong."""


# %% right="one_function"
# All rules in one function.
def gate(tool, args, request, read):
    def stands(value):
        words = re.escape(value.strip().rstrip("."))
        return bool(words) and bool(re.search(
            rf"(?<!\w){words}(?!\w)", request, re.IGNORECASE))

    if tool in ("calculator", "search_handbook"):
        return "run"
    if tool == "run_sql":
        fine = tables_of(args["query"]) == ["flights"]
        return "run" if fine else "refuse"
    if tool == "calendar_add":
        fine = stands(args["title"]) and stands(args["day"])
        return "run" if fine else "refuse"
    if tool == "file_claim":
        fine = stands(args["booking"]) and stands(args["item"])
        return "ask" if fine else "refuse"
    if tool == "send_email":
        named = [name for name in STAFF if stands(name)]
        allowed = named + [STAFF[name] for name in named]
        if args["to"] not in allowed:
            return "refuse"
        numbers = [text for source, text in read
                   if source in ("calculator", "run_sql")
                   and re.fullmatch(r"-?[0-9.]+", text)]
        if stands(args["body"]) or args["body"] in numbers:
            return "run"
        return "ask"
    return "refuse"


# %% right="words_as_lists"
# Compares runs of words instead of a pattern; one small function a tool.
def pieces(text):
    return re.findall(r"\w+|[^\w\s]", text.lower())


def within(value, request):
    part, whole = pieces(value.strip().rstrip(".")), pieces(request)
    return bool(part) and any(whole[i:i + len(part)] == part
                              for i in range(len(whole)))


def mail_gate(args, request, read):
    to = {name for name in STAFF if within(name, request)}
    if args["to"] not in to | {STAFF[name] for name in to}:
        return "refuse"
    for tool, text in read:
        if tool in ("calculator", "run_sql") and text == args["body"]:
            if text and not set(text) - set("-.0123456789"):
                return "run"
    return "run" if within(args["body"], request) else "ask"


def gate(tool, args, request, read):
    both = all(within(v, request) for v in args.values()
               if isinstance(v, str))
    table = {"calculator": "run", "search_handbook": "run",
             "calendar_add": "run" if both else "refuse",
             "file_claim": "ask" if both else "refuse"}
    if tool == "run_sql":
        seen = set(tables_of(args["query"]))
        return "run" if seen == {"flights"} else "refuse"
    if tool == "send_email":
        return mail_gate(args, request, read)
    return table.get(tool, "refuse")


# %% wrong="allow_all"
# Lets everything run.
def gate(tool, args, request, read):
    return "run"


# %% wrong="deny_all"
# Refuses everything: safe, and of no use.
def gate(tool, args, request, read):
    return "refuse"


# %% wrong="ask_about_everything"
# Asks a person each time, until the person clicks without reading.
def gate(tool, args, request, read):
    if tool in ("calculator", "search_handbook"):
        return "run"
    return "ask"


# %% wrong="list_of_tools"
# Allows six tools by name and never looks at an argument.
def gate(tool, args, request, read):
    if tool == "file_claim":
        return "ask"
    known = ("calculator", "search_handbook", "run_sql", "calendar_add",
             "send_email")
    return "run" if tool in known else "refuse"


# %% wrong="nothing_after_reading"
# Refuses every change once a page was read: honest jobs are lost as well.
def gate(tool, args, request, read):
    if tool in ("calculator", "search_handbook"):
        return "run"
    if tool == "run_sql":
        fine = tables_of(args["query"]) == ["flights"]
        return "run" if fine else "refuse"
    if read:
        return "refuse"
    if tool == "send_email":
        return "run" if args["to"] in STAFF else "refuse"
    return {"calendar_add": "run", "file_claim": "ask"}.get(tool, "refuse")


# %% wrong="recipient_is_enough"
# Looks at who gets an email and not at what it says.
def gate(tool, args, request, read):
    def stands(value):
        words = re.escape(value.strip().rstrip("."))
        return bool(words) and bool(re.search(
            rf"(?<!\w){words}(?!\w)", request, re.IGNORECASE))

    if tool in ("calculator", "search_handbook"):
        return "run"
    if tool == "run_sql":
        fine = tables_of(args["query"]) == ["flights"]
        return "run" if fine else "refuse"
    if tool == "calendar_add":
        fine = stands(args["title"]) and stands(args["day"])
        return "run" if fine else "refuse"
    if tool == "file_claim":
        fine = stands(args["booking"]) and stands(args["item"])
        return "ask" if fine else "refuse"
    if tool == "send_email":
        named = [name for name in STAFF if stands(name)]
        allowed = named + [STAFF[name] for name in named]
        if args["to"] not in allowed:
            return "refuse"
        numbers = [text for source, text in read
                   if source in ("calculator", "run_sql")
                   and re.fullmatch(r"-?[0-9.]+", text)]
        return "run"
    return "refuse"


# %% wrong="name_inside_a_word"
# Looks for the letters anywhere: Ines stands in business.
def gate(tool, args, request, read):
    def stands(value):
        words = re.escape(value.strip().rstrip("."))
        return bool(words) and bool(re.search(words, request, re.IGNORECASE))

    if tool in ("calculator", "search_handbook"):
        return "run"
    if tool == "run_sql":
        fine = tables_of(args["query"]) == ["flights"]
        return "run" if fine else "refuse"
    if tool == "calendar_add":
        fine = stands(args["title"]) and stands(args["day"])
        return "run" if fine else "refuse"
    if tool == "file_claim":
        fine = stands(args["booking"]) and stands(args["item"])
        return "ask" if fine else "refuse"
    if tool == "send_email":
        named = [name for name in STAFF if stands(name)]
        allowed = named + [STAFF[name] for name in named]
        if args["to"] not in allowed:
            return "refuse"
        numbers = [text for source, text in read
                   if source in ("calculator", "run_sql")
                   and re.fullmatch(r"-?[0-9.]+", text)]
        if stands(args["body"]) or args["body"] in numbers:
            return "run"
        return "ask"
    return "refuse"


# %% wrong="empty_text_stands"
# An empty value stands in every request.
def gate(tool, args, request, read):
    def stands(value):
        words = re.escape(value.strip().rstrip("."))
        return bool(re.search(
            rf"(?<!\w){words}(?!\w)", request, re.IGNORECASE))

    if tool in ("calculator", "search_handbook"):
        return "run"
    if tool == "run_sql":
        fine = tables_of(args["query"]) == ["flights"]
        return "run" if fine else "refuse"
    if tool == "calendar_add":
        fine = stands(args["title"]) and stands(args["day"])
        return "run" if fine else "refuse"
    if tool == "file_claim":
        fine = stands(args["booking"]) and stands(args["item"])
        return "ask" if fine else "refuse"
    if tool == "send_email":
        named = [name for name in STAFF if stands(name)]
        allowed = named + [STAFF[name] for name in named]
        if args["to"] not in allowed:
            return "refuse"
        numbers = [text for source, text in read
                   if source in ("calculator", "run_sql")
                   and re.fullmatch(r"-?[0-9.]+", text)]
        if stands(args["body"]) or args["body"] in numbers:
            return "run"
        return "ask"
    return "refuse"


# %% wrong="any_number_read"
# Takes a number from a page for one from the calculator.
def gate(tool, args, request, read):
    def stands(value):
        words = re.escape(value.strip().rstrip("."))
        return bool(words) and bool(re.search(
            rf"(?<!\w){words}(?!\w)", request, re.IGNORECASE))

    if tool in ("calculator", "search_handbook"):
        return "run"
    if tool == "run_sql":
        fine = tables_of(args["query"]) == ["flights"]
        return "run" if fine else "refuse"
    if tool == "calendar_add":
        fine = stands(args["title"]) and stands(args["day"])
        return "run" if fine else "refuse"
    if tool == "file_claim":
        fine = stands(args["booking"]) and stands(args["item"])
        return "ask" if fine else "refuse"
    if tool == "send_email":
        named = [name for name in STAFF if stands(name)]
        allowed = named + [STAFF[name] for name in named]
        if args["to"] not in allowed:
            return "refuse"
        numbers = [text for source, text in read
                   if re.fullmatch(r"-?[0-9.]+", text)]
        if stands(args["body"]) or args["body"] in numbers:
            return "run"
        return "ask"
    return "refuse"


# %% wrong="any_result_read"
# Lets any text of a query out, not only numbers.
def gate(tool, args, request, read):
    def stands(value):
        words = re.escape(value.strip().rstrip("."))
        return bool(words) and bool(re.search(
            rf"(?<!\w){words}(?!\w)", request, re.IGNORECASE))

    if tool in ("calculator", "search_handbook"):
        return "run"
    if tool == "run_sql":
        fine = tables_of(args["query"]) == ["flights"]
        return "run" if fine else "refuse"
    if tool == "calendar_add":
        fine = stands(args["title"]) and stands(args["day"])
        return "run" if fine else "refuse"
    if tool == "file_claim":
        fine = stands(args["booking"]) and stands(args["item"])
        return "ask" if fine else "refuse"
    if tool == "send_email":
        named = [name for name in STAFF if stands(name)]
        allowed = named + [STAFF[name] for name in named]
        if args["to"] not in allowed:
            return "refuse"
        numbers = [text for source, text in read
                   if source in ("calculator", "run_sql")]
        if stands(args["body"]) or args["body"] in numbers:
            return "run"
        return "ask"
    return "refuse"


# %% wrong="title_without_day"
# Looks at the title and lets the day be anything.
def gate(tool, args, request, read):
    def stands(value):
        words = re.escape(value.strip().rstrip("."))
        return bool(words) and bool(re.search(
            rf"(?<!\w){words}(?!\w)", request, re.IGNORECASE))

    if tool in ("calculator", "search_handbook"):
        return "run"
    if tool == "run_sql":
        fine = tables_of(args["query"]) == ["flights"]
        return "run" if fine else "refuse"
    if tool == "calendar_add":
        fine = stands(args["title"])
        return "run" if fine else "refuse"
    if tool == "file_claim":
        fine = stands(args["booking"]) and stands(args["item"])
        return "ask" if fine else "refuse"
    if tool == "send_email":
        named = [name for name in STAFF if stands(name)]
        allowed = named + [STAFF[name] for name in named]
        if args["to"] not in allowed:
            return "refuse"
        numbers = [text for source, text in read
                   if source in ("calculator", "run_sql")
                   and re.fullmatch(r"-?[0-9.]+", text)]
        if stands(args["body"]) or args["body"] in numbers:
            return "run"
        return "ask"
    return "refuse"


# %% wrong="word_in_the_query"
# Searches the query for the word bookings: sqlite_master stays open.
def gate(tool, args, request, read):
    def stands(value):
        words = re.escape(value.strip().rstrip("."))
        return bool(words) and bool(re.search(
            rf"(?<!\w){words}(?!\w)", request, re.IGNORECASE))

    if tool in ("calculator", "search_handbook"):
        return "run"
    if tool == "run_sql":
        fine = "bookings" not in args["query"].lower()
        return "run" if fine else "refuse"
    if tool == "calendar_add":
        fine = stands(args["title"]) and stands(args["day"])
        return "run" if fine else "refuse"
    if tool == "file_claim":
        fine = stands(args["booking"]) and stands(args["item"])
        return "ask" if fine else "refuse"
    if tool == "send_email":
        named = [name for name in STAFF if stands(name)]
        allowed = named + [STAFF[name] for name in named]
        if args["to"] not in allowed:
            return "refuse"
        numbers = [text for source, text in read
                   if source in ("calculator", "run_sql")
                   and re.fullmatch(r"-?[0-9.]+", text)]
        if stands(args["body"]) or args["body"] in numbers:
            return "run"
        return "ask"
    return "refuse"


# %% wrong="files_without_asking"
# Files a form at once if the request names it.
def gate(tool, args, request, read):
    def stands(value):
        words = re.escape(value.strip().rstrip("."))
        return bool(words) and bool(re.search(
            rf"(?<!\w){words}(?!\w)", request, re.IGNORECASE))

    if tool in ("calculator", "search_handbook"):
        return "run"
    if tool == "run_sql":
        fine = tables_of(args["query"]) == ["flights"]
        return "run" if fine else "refuse"
    if tool == "calendar_add":
        fine = stands(args["title"]) and stands(args["day"])
        return "run" if fine else "refuse"
    if tool == "file_claim":
        fine = stands(args["booking"]) and stands(args["item"])
        return "run" if fine else "refuse"
    if tool == "send_email":
        named = [name for name in STAFF if stands(name)]
        allowed = named + [STAFF[name] for name in named]
        if args["to"] not in allowed:
            return "refuse"
        numbers = [text for source, text in read
                   if source in ("calculator", "run_sql")
                   and re.fullmatch(r"-?[0-9.]+", text)]
        if stands(args["body"]) or args["body"] in numbers:
            return "run"
        return "ask"
    return "refuse"


# %% wrong="pattern_without_escape"
# Puts a value into a pattern as it is.
def gate(tool, args, request, read):
    def stands(value):
        words = value.strip().rstrip(".")
        return bool(words) and bool(re.search(
            rf"(?<!\w){words}(?!\w)", request, re.IGNORECASE))

    if tool in ("calculator", "search_handbook"):
        return "run"
    if tool == "run_sql":
        fine = tables_of(args["query"]) == ["flights"]
        return "run" if fine else "refuse"
    if tool == "calendar_add":
        fine = stands(args["title"]) and stands(args["day"])
        return "run" if fine else "refuse"
    if tool == "file_claim":
        fine = stands(args["booking"]) and stands(args["item"])
        return "ask" if fine else "refuse"
    if tool == "send_email":
        named = [name for name in STAFF if stands(name)]
        allowed = named + [STAFF[name] for name in named]
        if args["to"] not in allowed:
            return "refuse"
        numbers = [text for source, text in read
                   if source in ("calculator", "run_sql")
                   and re.fullmatch(r"-?[0-9.]+", text)]
        if stands(args["body"]) or args["body"] in numbers:
            return "run"
        return "ask"
    return "refuse"


# %% wrong="address_only_begins_rightly"
# Accepts any address that begins like a colleague's.
def gate(tool, args, request, read):
    def stands(value):
        words = re.escape(value.strip().rstrip("."))
        return bool(words) and bool(re.search(
            rf"(?<!\w){words}(?!\w)", request, re.IGNORECASE))

    if tool in ("calculator", "search_handbook"):
        return "run"
    if tool == "run_sql":
        fine = tables_of(args["query"]) == ["flights"]
        return "run" if fine else "refuse"
    if tool == "calendar_add":
        fine = stands(args["title"]) and stands(args["day"])
        return "run" if fine else "refuse"
    if tool == "file_claim":
        fine = stands(args["booking"]) and stands(args["item"])
        return "ask" if fine else "refuse"
    if tool == "send_email":
        named = [name for name in STAFF if stands(name)]
        allowed = named + [STAFF[name] for name in named]
        if not any(args["to"].startswith(one) for one in allowed):
            return "refuse"
        numbers = [text for source, text in read
                   if source in ("calculator", "run_sql")
                   and re.fullmatch(r"-?[0-9.]+", text)]
        if stands(args["body"]) or args["body"] in numbers:
            return "run"
        return "ask"
    return "refuse"


# %% wrong="asks_about_entries"
# Asks about a calendar entry where the rules say refuse.
def gate(tool, args, request, read):
    def stands(value):
        words = re.escape(value.strip().rstrip("."))
        return bool(words) and bool(re.search(
            rf"(?<!\w){words}(?!\w)", request, re.IGNORECASE))

    if tool in ("calculator", "search_handbook"):
        return "run"
    if tool == "run_sql":
        fine = tables_of(args["query"]) == ["flights"]
        return "run" if fine else "refuse"
    if tool == "calendar_add":
        fine = stands(args["title"]) and stands(args["day"])
        return "run" if fine else "ask"
    if tool == "file_claim":
        fine = stands(args["booking"]) and stands(args["item"])
        return "ask" if fine else "refuse"
    if tool == "send_email":
        named = [name for name in STAFF if stands(name)]
        allowed = named + [STAFF[name] for name in named]
        if args["to"] not in allowed:
            return "refuse"
        numbers = [text for source, text in read
                   if source in ("calculator", "run_sql")
                   and re.fullmatch(r"-?[0-9.]+", text)]
        if stands(args["body"]) or args["body"] in numbers:
            return "run"
        return "ask"
    return "refuse"


# %% wrong="number_inside_a_result"
# Finds numbers anywhere in a result: injected ones, too.
def gate(tool, args, request, read):
    def stands(value):
        words = re.escape(value.strip().rstrip("."))
        return bool(words) and bool(re.search(
            rf"(?<!\w){words}(?!\w)", request, re.IGNORECASE))

    if tool in ("calculator", "search_handbook"):
        return "run"
    if tool == "run_sql":
        fine = tables_of(args["query"]) == ["flights"]
        return "run" if fine else "refuse"
    if tool == "calendar_add":
        fine = stands(args["title"]) and stands(args["day"])
        return "run" if fine else "refuse"
    if tool == "file_claim":
        fine = stands(args["booking"]) and stands(args["item"])
        return "ask" if fine else "refuse"
    if tool == "send_email":
        named = [name for name in STAFF if stands(name)]
        allowed = named + [STAFF[name] for name in named]
        if args["to"] not in allowed:
            return "refuse"
        numbers = [number for source, text in read
                   if source in ("calculator", "run_sql")
                   for number in re.findall(r"-?\d+(?:\.\d+)?", text)]
        if stands(args["body"]) or args["body"] in numbers:
            return "run"
        return "ask"
    return "refuse"
