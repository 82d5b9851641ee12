"""Answers to agent-loop, right and wrong."""


# %% right="for_loop_with_return"
# A bounded for loop; every end is a return.
def run(model, request, tools, clock, max_steps=6, max_seconds=30,
        max_usd=0.01):
    steps, spent, start, answer = [], 0.0, clock(), ""

    def end(why):
        return {"steps": steps, "stopped": why, "answer": answer}

    for _ in range(max_steps):
        if clock() - start >= max_seconds:
            return end("seconds")
        if spent >= max_usd:
            return end("money")
        text, usd = model(request, list(steps))
        spent = spent + usd
        try:
            tool, args = parse_call(text)
        except CourseError as error:
            steps.append((text, "Error: " + str(error)))
            continue
        if tool == "none":
            return end("done")
        if steps and steps[-1][0] == text:
            if not steps[-1][1].startswith("Error: "):
                return end("repeat")
        try:
            answer = tools[tool](**args)
            steps.append((text, answer))
        except ToolError as error:
            steps.append((text, "Error: " + str(error)))
    return end("steps")


# %% right="flat_while"
# One flat loop with breaks.
def run(model, request, tools, clock, max_steps=6, max_seconds=30,
        max_usd=0.01):
    steps, spent, start = [], 0.0, clock()
    stopped = ""
    while not stopped:
        if len(steps) >= max_steps:
            stopped = "steps"
            break
        if clock() - start >= max_seconds:
            stopped = "seconds"
            break
        if spent >= max_usd:
            stopped = "money"
            break
        text, usd = model(request, steps)
        spent += usd
        try:
            tool, args = parse_call(text)
            if tool == "none":
                stopped = "done"
                break
            if steps and steps[-1][0] == text and (
                    not steps[-1][1].startswith("Error: ")):
                stopped = "repeat"
                break
            outcome = tools[tool](**args)
        except CourseError as error:
            outcome = f"Error: {error}"
        steps.append((text, outcome))
    good = [r for _, r in steps if not r.startswith("Error: ")]
    return {"steps": steps, "stopped": stopped,
            "answer": good[-1] if good else ""}


# %% wrong="money_of_tools_only"
# Counts the price only where a tool ran: texts that are no calls are free.
def run(model, request, tools, clock, max_steps=6, max_seconds=30,
        max_usd=0.01):
    steps, spent, start = [], 0.0, clock()
    stopped = ""
    while not stopped:
        if len(steps) >= max_steps:
            stopped = "steps"
            break
        if clock() - start >= max_seconds:
            stopped = "seconds"
            break
        if spent >= max_usd:
            stopped = "money"
            break
        text, usd = model(request, steps)
        try:
            tool, args = parse_call(text)
            if tool == "none":
                stopped = "done"
                break
            if steps and steps[-1][0] == text and (
                    not steps[-1][1].startswith("Error: ")):
                stopped = "repeat"
                break
            outcome = tools[tool](**args)
            spent += usd
        except CourseError as error:
            outcome = f"Error: {error}"
        steps.append((text, outcome))
    good = [r for _, r in steps if not r.startswith("Error: ")]
    return {"steps": steps, "stopped": stopped,
            "answer": good[-1] if good else ""}


# %% wrong="time_of_last_step"
# Starts the clock anew at each step.
def run(model, request, tools, clock, max_steps=6, max_seconds=30,
        max_usd=0.01):
    steps, spent, start = [], 0.0, clock()
    stopped = ""
    while not stopped:
        if len(steps) >= max_steps:
            stopped = "steps"
            break
        if clock() - start >= max_seconds:
            stopped = "seconds"
            break
        if spent >= max_usd:
            stopped = "money"
            break
        start = clock()
        text, usd = model(request, steps)
        spent += usd
        try:
            tool, args = parse_call(text)
            if tool == "none":
                stopped = "done"
                break
            if steps and steps[-1][0] == text and (
                    not steps[-1][1].startswith("Error: ")):
                stopped = "repeat"
                break
            outcome = tools[tool](**args)
        except CourseError as error:
            outcome = f"Error: {error}"
        steps.append((text, outcome))
    good = [r for _, r in steps if not r.startswith("Error: ")]
    return {"steps": steps, "stopped": stopped,
            "answer": good[-1] if good else ""}


# %% wrong="no_repeat_detector"
# Never looks whether the same call came before.
def run(model, request, tools, clock, max_steps=6, max_seconds=30,
        max_usd=0.01):
    steps, spent, start = [], 0.0, clock()
    stopped = ""
    while not stopped:
        if len(steps) >= max_steps:
            stopped = "steps"
            break
        if clock() - start >= max_seconds:
            stopped = "seconds"
            break
        if spent >= max_usd:
            stopped = "money"
            break
        text, usd = model(request, steps)
        spent += usd
        try:
            tool, args = parse_call(text)
            if tool == "none":
                stopped = "done"
                break
            outcome = tools[tool](**args)
        except CourseError as error:
            outcome = f"Error: {error}"
        steps.append((text, outcome))
    good = [r for _, r in steps if not r.startswith("Error: ")]
    return {"steps": steps, "stopped": stopped,
            "answer": good[-1] if good else ""}


# %% wrong="repeat_seen_after_running"
# Runs the same call a second time and stops then.
def run(model, request, tools, clock, max_steps=6, max_seconds=30,
        max_usd=0.01):
    steps, spent, start = [], 0.0, clock()
    stopped = ""
    while not stopped:
        if len(steps) >= max_steps:
            stopped = "steps"
            break
        if clock() - start >= max_seconds:
            stopped = "seconds"
            break
        if spent >= max_usd:
            stopped = "money"
            break
        text, usd = model(request, steps)
        spent += usd
        try:
            tool, args = parse_call(text)
            if tool == "none":
                stopped = "done"
                break
            outcome = tools[tool](**args)
            if steps and steps[-1][0] == text and (
                    not steps[-1][1].startswith("Error: ")):
                stopped = "repeat"
                break
        except CourseError as error:
            outcome = f"Error: {error}"
        steps.append((text, outcome))
    good = [r for _, r in steps if not r.startswith("Error: ")]
    return {"steps": steps, "stopped": stopped,
            "answer": good[-1] if good else ""}


# %% wrong="repeat_anywhere"
# Stops when the call stands anywhere before, not right before.
def run(model, request, tools, clock, max_steps=6, max_seconds=30,
        max_usd=0.01):
    steps, spent, start = [], 0.0, clock()
    stopped = ""
    while not stopped:
        if len(steps) >= max_steps:
            stopped = "steps"
            break
        if clock() - start >= max_seconds:
            stopped = "seconds"
            break
        if spent >= max_usd:
            stopped = "money"
            break
        text, usd = model(request, steps)
        spent += usd
        try:
            tool, args = parse_call(text)
            if tool == "none":
                stopped = "done"
                break
            if any(text == old and not r.startswith("Error: ")
                   for old, r in steps):
                stopped = "repeat"
                break
            outcome = tools[tool](**args)
        except CourseError as error:
            outcome = f"Error: {error}"
        steps.append((text, outcome))
    good = [r for _, r in steps if not r.startswith("Error: ")]
    return {"steps": steps, "stopped": stopped,
            "answer": good[-1] if good else ""}


# %% wrong="no_second_try_after_error"
# Takes a second try after an error for a repeat.
def run(model, request, tools, clock, max_steps=6, max_seconds=30,
        max_usd=0.01):
    steps, spent, start = [], 0.0, clock()
    stopped = ""
    while not stopped:
        if len(steps) >= max_steps:
            stopped = "steps"
            break
        if clock() - start >= max_seconds:
            stopped = "seconds"
            break
        if spent >= max_usd:
            stopped = "money"
            break
        text, usd = model(request, steps)
        spent += usd
        try:
            tool, args = parse_call(text)
            if tool == "none":
                stopped = "done"
                break
            if steps and steps[-1][0] == text:
                stopped = "repeat"
                break
            outcome = tools[tool](**args)
        except CourseError as error:
            outcome = f"Error: {error}"
        steps.append((text, outcome))
    good = [r for _, r in steps if not r.startswith("Error: ")]
    return {"steps": steps, "stopped": stopped,
            "answer": good[-1] if good else ""}


# %% wrong="last_result_even_an_error"
# Gives the last result as the answer, error or not.
def run(model, request, tools, clock, max_steps=6, max_seconds=30,
        max_usd=0.01):
    steps, spent, start = [], 0.0, clock()
    stopped = ""
    while not stopped:
        if len(steps) >= max_steps:
            stopped = "steps"
            break
        if clock() - start >= max_seconds:
            stopped = "seconds"
            break
        if spent >= max_usd:
            stopped = "money"
            break
        text, usd = model(request, steps)
        spent += usd
        try:
            tool, args = parse_call(text)
            if tool == "none":
                stopped = "done"
                break
            if steps and steps[-1][0] == text and (
                    not steps[-1][1].startswith("Error: ")):
                stopped = "repeat"
                break
            outcome = tools[tool](**args)
        except CourseError as error:
            outcome = f"Error: {error}"
        steps.append((text, outcome))
    good = [r for _, r in steps]
    return {"steps": steps, "stopped": stopped,
            "answer": good[-1] if good else ""}


# %% wrong="caps_after_the_call"
# Asks the model first and looks at the cap on steps afterwards.
def run(model, request, tools, clock, max_steps=6, max_seconds=30,
        max_usd=0.01):
    steps, spent, start = [], 0.0, clock()
    stopped = ""
    while not stopped:
        if clock() - start >= max_seconds:
            stopped = "seconds"
            break
        if spent >= max_usd:
            stopped = "money"
            break
        text, usd = model(request, steps)
        spent += usd
        try:
            tool, args = parse_call(text)
            if tool == "none":
                stopped = "done"
                break
            if steps and steps[-1][0] == text and (
                    not steps[-1][1].startswith("Error: ")):
                stopped = "repeat"
                break
            outcome = tools[tool](**args)
        except CourseError as error:
            outcome = f"Error: {error}"
        steps.append((text, outcome))
        if len(steps) >= max_steps:
            stopped = "steps"
    good = [r for _, r in steps if not r.startswith("Error: ")]
    return {"steps": steps, "stopped": stopped,
            "answer": good[-1] if good else ""}


# %% wrong="fault_ends_the_run"
# Ends the run at a text that is no call.
def run(model, request, tools, clock, max_steps=6, max_seconds=30,
        max_usd=0.01):
    steps, spent, start = [], 0.0, clock()
    stopped = ""
    while not stopped:
        if len(steps) >= max_steps:
            stopped = "steps"
            break
        if clock() - start >= max_seconds:
            stopped = "seconds"
            break
        if spent >= max_usd:
            stopped = "money"
            break
        text, usd = model(request, steps)
        spent += usd
        try:
            tool, args = parse_call(text)
            if tool == "none":
                stopped = "done"
                break
            if steps and steps[-1][0] == text and (
                    not steps[-1][1].startswith("Error: ")):
                stopped = "repeat"
                break
            outcome = tools[tool](**args)
        except ToolError as error:
            outcome = f"Error: {error}"
        except CourseError:
            stopped = "done"
            break
        steps.append((text, outcome))
    good = [r for _, r in steps if not r.startswith("Error: ")]
    return {"steps": steps, "stopped": stopped,
            "answer": good[-1] if good else ""}


# %% wrong="failing_tool_stops_the_agent"
# Only catches faulty texts; a tool that fails stops everything.
def run(model, request, tools, clock, max_steps=6, max_seconds=30,
        max_usd=0.01):
    steps, spent, start = [], 0.0, clock()
    stopped = ""
    while not stopped:
        if len(steps) >= max_steps:
            stopped = "steps"
            break
        if clock() - start >= max_seconds:
            stopped = "seconds"
            break
        if spent >= max_usd:
            stopped = "money"
            break
        text, usd = model(request, steps)
        spent += usd
        try:
            tool, args = parse_call(text)
            if tool == "none":
                stopped = "done"
                break
            if steps and steps[-1][0] == text and (
                    not steps[-1][1].startswith("Error: ")):
                stopped = "repeat"
                break
        except CourseError as error:
            outcome = f"Error: {error}"
        else:
            outcome = tools[tool](**args)
        steps.append((text, outcome))
    good = [r for _, r in steps if not r.startswith("Error: ")]
    return {"steps": steps, "stopped": stopped,
            "answer": good[-1] if good else ""}


# %% wrong="none_is_a_step"
# Keeps the call of none as a step.
def run(model, request, tools, clock, max_steps=6, max_seconds=30,
        max_usd=0.01):
    steps, spent, start = [], 0.0, clock()
    stopped = ""
    while not stopped:
        if len(steps) >= max_steps:
            stopped = "steps"
            break
        if clock() - start >= max_seconds:
            stopped = "seconds"
            break
        if spent >= max_usd:
            stopped = "money"
            break
        text, usd = model(request, steps)
        spent += usd
        try:
            tool, args = parse_call(text)
            if tool == "none":
                steps.append((text, ""))
                stopped = "done"
                break
            if steps and steps[-1][0] == text and (
                    not steps[-1][1].startswith("Error: ")):
                stopped = "repeat"
                break
            outcome = tools[tool](**args)
        except CourseError as error:
            outcome = f"Error: {error}"
        steps.append((text, outcome))
    good = [r for _, r in steps if not r.startswith("Error: ")]
    return {"steps": steps, "stopped": stopped,
            "answer": good[-1] if good else ""}


# %% wrong="more_than_the_cap_on_time"
# Stops only when more than max_seconds have passed: at exactly that many one more call begins.
def run(model, request, tools, clock, max_steps=6, max_seconds=30,
        max_usd=0.01):
    steps, spent, start = [], 0.0, clock()
    stopped = ""
    while not stopped:
        if len(steps) >= max_steps:
            stopped = "steps"
            break
        if clock() - start > max_seconds:
            stopped = "seconds"
            break
        if spent >= max_usd:
            stopped = "money"
            break
        text, usd = model(request, steps)
        spent += usd
        try:
            tool, args = parse_call(text)
            if tool == "none":
                stopped = "done"
                break
            if steps and steps[-1][0] == text and (
                    not steps[-1][1].startswith("Error: ")):
                stopped = "repeat"
                break
            outcome = tools[tool](**args)
        except CourseError as error:
            outcome = f"Error: {error}"
        steps.append((text, outcome))
    good = [r for _, r in steps if not r.startswith("Error: ")]
    return {"steps": steps, "stopped": stopped,
            "answer": good[-1] if good else ""}
