"""Answers to service, right and wrong."""

# %% right="table_of_tests"
# Finds the first fault in a function of its own, raises in one place.
def fault(request):
    if type(request) is not dict:
        return "A request must be a dict."
    if list(request) != ["text"]:
        return f"A request has the one field text, not {sorted(map(str, request))[:3]}."
    text = request["text"]
    if type(text) is not str:
        return "The field text must be a string."
    if text.isspace() or not text or len(text) > 2000:
        return "Send between 1 and 2000 characters, not only spaces."
    if not loaded["vectors"].transform([text]).nnz:
        return "None of these words is known here."


def serve(request, threshold):
    if message := fault(request):
        raise ValueError(message)
    good = p_good(loaded, [request["text"]]).item()
    return {"p_good": good, "label": "good" if 1 - good < threshold else "bad"}


# %% right="own_subclass_of_value_error"
# A subclass of ValueError is a ValueError.
class BadRequest(ValueError):
    pass


def serve(request, threshold):
    if not isinstance(request, dict):
        raise BadRequest("Please send a JSON object with the field text.")
    extra = [key for key in request if key != "text"]
    if extra or "text" not in request:
        raise BadRequest("The request needs the field text and nothing else.")
    text = request["text"]
    if not isinstance(text, str):
        raise BadRequest("The field text holds no string.")
    if len(text) > 2000:
        raise BadRequest("The text is too long, 2000 characters are the limit.")
    if not text.split():
        raise BadRequest("The text is empty, please send words.")
    row = loaded["vectors"].transform([text])
    if row.nnz == 0:
        raise BadRequest("No word of the text is known to this model.")
    good = 1 / (1 + np.exp(-float((row @ loaded["weights"] + loaded["bias"])[0])))
    return dict(label=("good", "bad")[int(1 - good >= threshold)], p_good=good)


# %% wrong="answers_without_a_known_word"
# Forgets that a text of unknown words gets the head start for an answer.
def serve(request, threshold):
    if not isinstance(request, dict) or set(request) != {"text"}:
        raise ValueError("Send a dict with the field text only.")
    text = request["text"]
    if not isinstance(text, str):
        raise ValueError("The field text must be a string.")
    if not text.strip():
        raise ValueError("The text must not be empty.")
    if len(text) > 2000:
        raise ValueError("The text must not pass 2000 characters.")
    good = float(p_good(loaded, [text])[0])
    return {"label": "bad" if 1 - good >= threshold else "good", "p_good": good}


# %% wrong="ignores_unknown_fields"
# Takes the text and drops other fields without a word.
def serve(request, threshold):
    if not isinstance(request, dict) or "text" not in request:
        raise ValueError("Send a dict with the field text.")
    text = request["text"]
    if not isinstance(text, str):
        raise ValueError("The field text must be a string.")
    if not text.strip() or len(text) > 2000:
        raise ValueError("The text needs 1 to 2000 characters.")
    if loaded["vectors"].transform([text]).nnz == 0:
        raise ValueError("No known word in this text.")
    good = float(p_good(loaded, [text])[0])
    return {"label": "bad" if 1 - good >= threshold else "good", "p_good": good}


# %% wrong="makes_a_string_of_anything"
# Turns numbers and lists into text instead of refusing them.
def serve(request, threshold):
    if not isinstance(request, dict) or set(request) != {"text"}:
        raise ValueError("Send a dict with the field text only.")
    text = str(request["text"] or "")
    if not text.strip() or len(text) > 2000:
        raise ValueError("The text needs 1 to 2000 characters.")
    if loaded["vectors"].transform([text]).nnz == 0:
        raise ValueError("No known word in this text at all.")
    good = float(p_good(loaded, [text])[0])
    return {"label": "bad" if 1 - good >= threshold else "good", "p_good": good}


# %% wrong="threshold_is_a_half"
# Gives the label from .5 instead of the threshold that was chosen.
def serve(request, threshold):
    if not isinstance(request, dict):
        raise ValueError("Send a dict with the field text.")
    if set(request) != {"text"}:
        raise ValueError("Send the field text only, please.")
    text = request["text"]
    if not isinstance(text, str):
        raise ValueError("The field text must be a string.")
    if not text.strip() or len(text) > 2000:
        raise ValueError("The text needs 1 to 2000 characters.")
    if loaded["vectors"].transform([text]).nnz == 0:
        raise ValueError("No known word in this text.")
    good = float(p_good(loaded, [text])[0])
    return {"label": "good" if good > 0.5 else "bad", "p_good": good}


# %% wrong="returns_the_error"
# Returns a dict with the error instead of raising: callers take it for an answer.
def serve(request, threshold):
    if not isinstance(request, dict) or set(request) != {"text"}:
        return {"error": "Send a dict with the field text."}
    good = float(p_good(loaded, [str(request["text"])])[0])
    return {"label": "bad" if 1 - good >= threshold else "good", "p_good": good}


# %% wrong="asserts_instead_of_raises"
# An assert raises the wrong exception, and none at all under python -O.
def serve(request, threshold):
    assert isinstance(request, dict) and set(request) == {"text"}, "send a dict with text"
    text = request["text"]
    assert isinstance(text, str) and 0 < len(text.strip()) <= 2000, "send a proper text"
    assert loaded["vectors"].transform([text]).nnz, "send words that are known"
    good = float(p_good(loaded, [text])[0])
    return {"label": "bad" if 1 - good >= threshold else "good", "p_good": good}


# %% wrong="one_message_for_everything"
# The same sentence for every fault: the caller learns nothing.
def serve(request, threshold):
    try:
        text, = request.values()
        fine = (set(request) == {"text"} and isinstance(text, str) and text.strip()
                and len(text) <= 2000 and loaded["vectors"].transform([text]).nnz)
    except Exception:
        fine = False
    if not fine:
        raise ValueError("This is not a valid request.")
    good = float(p_good(loaded, [text])[0])
    return {"label": "bad" if 1 - good >= threshold else "good", "p_good": good}


# %% wrong="no_limit_on_length"
# Reads texts of any length.
def serve(request, threshold):
    if not isinstance(request, dict):
        raise ValueError("Send a dict with the field text.")
    if set(request) != {"text"}:
        raise ValueError("Send the field text only, please.")
    text = request["text"]
    if not isinstance(text, str):
        raise ValueError("The field text must be a string.")
    if not text.strip():
        raise ValueError("The text must not be empty.")
    if loaded["vectors"].transform([text]).nnz == 0:
        raise ValueError("No known word in this text.")
    good = float(p_good(loaded, [text])[0])
    return {"label": "bad" if 1 - good >= threshold else "good", "p_good": good}


# %% wrong="refuses_accents"
# Takes every letter outside ASCII for a foreign text.
def serve(request, threshold):
    if not isinstance(request, dict):
        raise ValueError("Send a dict with the field text.")
    if set(request) != {"text"}:
        raise ValueError("Send the field text only, please.")
    text = request["text"]
    if not isinstance(text, str):
        raise ValueError("The field text must be a string.")
    if not text.strip() or len(text) > 2000 or not text.isascii():
        raise ValueError("The text needs 1 to 2000 plain characters.")
    if loaded["vectors"].transform([text]).nnz == 0:
        raise ValueError("No known word in this text.")
    good = float(p_good(loaded, [text])[0])
    return {"label": "bad" if 1 - good >= threshold else "good", "p_good": good}
