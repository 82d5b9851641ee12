"""Answers to checked-source, right and wrong."""

# %% right="by_words"
# Compares lists of words, with their signs, instead of a pattern.
def proven(answer, pages):
    number = r"\d+(?:[.,:]\d+)*"
    if answer["page"] not in pages:
        return False
    quote = " ".join(answer["quote"].lower().split())
    page = " ".join(pages[answer["page"]].lower().split())
    if not any(c.isalnum() for c in quote):
        return False
    start, stands = page.find(quote), False
    while start >= 0:
        end = start + len(quote)
        before, after = page[:start], page[end:]
        whole = not re.search(r"(\w|\d[.,:])$", before)
        if whole and not re.match(r"\w|[.,:]\d", after):
            stands = True
        start = page.find(quote, start + 1)
    said = re.findall(number, answer["text"])
    return stands and all(n in re.findall(number, quote) for n in said)


# %% right="spaces_in_the_pattern"
# Lets the pattern itself be free about white space and capitals.
def proven(answer, pages):
    parts = [re.escape(part) for part in answer["quote"].split()]
    if not any(re.search(r"\w", part) for part in answer["quote"].split()):
        return False
    pattern = (r"(?<!\w)(?<!\d[.,:])" + r"\s+".join(parts)
               + r"(?!\w)(?![.,:]\d)")
    page = pages.get(answer["page"])
    if page is None or not re.search(pattern, page, re.IGNORECASE):
        return False
    numbers = re.compile(r"\d+(?:[.,:]\d+)*")
    return not (set(numbers.findall(answer["text"]))
                - set(numbers.findall(answer["quote"])))


# %% wrong="part_of_a_word"
# Asks whether the quote is a part of the page, letters of other words too.
def proven(answer, pages):
    quote = " ".join(answer["quote"].lower().split())
    page = " ".join(pages.get(answer["page"], "").lower().split())
    number = r"\d+(?:[.,:]\d+)*"
    return bool(re.search(r"\w", quote)) and quote in page and set(
        re.findall(number, answer["text"])) <= set(re.findall(number, quote))


# %% wrong="any_page_will_do"
# Looks for the quote on all pages.
def proven(answer, pages):
    quote = " ".join(answer["quote"].lower().split())
    number = r"\d+(?:[.,:]\d+)*"
    return any(re.search(rf"(?<!\w)(?<!\d[.,:]){re.escape(quote)}(?!\w)(?![.,:]\d)",
                         " ".join(page.lower().split()))
               for page in pages.values()) and set(
        re.findall(number, answer["text"])) <= set(re.findall(number, quote))


# %% wrong="trusts_the_text"
# Checks the quote and never looks at the numbers of the text.
def proven(answer, pages):
    quote = " ".join(answer["quote"].lower().split())
    page = " ".join(pages.get(answer["page"], "").lower().split())
    return bool(re.search(r"\w", quote) and re.search(
        rf"(?<!\w)(?<!\d[.,:]){re.escape(quote)}(?!\w)(?![.,:]\d)", page))


# %% wrong="numbers_of_the_page"
# Looks for the numbers anywhere on the page, not in the quote.
def proven(answer, pages):
    quote = " ".join(answer["quote"].lower().split())
    page = " ".join(pages.get(answer["page"], "").lower().split())
    number = r"\d+(?:[.,:]\d+)*"
    if not re.search(r"\w", quote):
        return False
    return bool(re.search(rf"(?<!\w)(?<!\d[.,:]){re.escape(quote)}(?!\w)(?![.,:]\d)", page)) and set(
        re.findall(number, answer["text"])) <= set(re.findall(number, page))


# %% wrong="words_in_any_order"
# Asks whether every word of the quote is on the page.
def proven(answer, pages):
    there = pages.get(answer["page"], "").lower().split()
    quote = answer["quote"].lower().split()
    number = r"\d+(?:[.,:]\d+)*"
    return bool(quote) and all(word in there for word in quote) and set(
        re.findall(number, answer["text"])) <= set(
        re.findall(number, answer["quote"]))


# %% wrong="empty_quote_passes"
# An empty quote stands on every page.
def proven(answer, pages):
    if answer["page"] not in pages:
        return False
    quote = " ".join(answer["quote"].lower().split())
    page = " ".join(pages[answer["page"]].lower().split())
    number = r"\d+(?:[.,:]\d+)*"
    return bool(re.search(rf"(?<!\w)(?<!\d[.,:]){re.escape(quote)}(?!\w)(?![.,:]\d)", page)) and set(
        re.findall(number, answer["text"])) <= set(re.findall(number, quote))


# %% wrong="pattern_not_escaped"
# Puts the quote into the pattern as it is.
def proven(answer, pages):
    quote = " ".join(answer["quote"].lower().split())
    page = " ".join(pages.get(answer["page"], "").lower().split())
    number = r"\d+(?:[.,:]\d+)*"
    return bool(re.search(r"\w", quote) and re.search(
        rf"(?<!\w)(?<!\d[.,:]){quote}(?!\w)(?![.,:]\d)", page)) and set(
        re.findall(number, answer["text"])) <= set(re.findall(number, quote))


# %% wrong="digits_only"
# Takes every run of digits for a number: 24,000 becomes 24 and 000.
def proven(answer, pages):
    quote = " ".join(answer["quote"].lower().split())
    page = " ".join(pages.get(answer["page"], "").lower().split())
    return bool(re.search(r"\w", quote) and re.search(
        rf"(?<!\w)(?<!\d[.,:]){re.escape(quote)}(?!\w)(?![.,:]\d)", page)) and set(
        re.findall(r"\d+", answer["text"])) <= set(re.findall(r"\d+", quote))


# %% wrong="cuts_numbers"
# Guards words but not numbers: 40 stands in 05:40, 000 in 24,000.
def proven(answer, pages):
    quote = " ".join(answer["quote"].lower().split())
    page = " ".join(pages.get(answer["page"], "").lower().split())
    number = r"\d+(?:[.,:]\d+)*"
    return bool(re.search(r"\w", quote) and re.search(
        rf"(?<!\w){re.escape(quote)}(?!\w)", page)) and set(
        re.findall(number, answer["text"])) <= set(re.findall(number, quote))


# %% wrong="ignores_signs"
# Compares lists of bare words: commas and full stops are lost.
def proven(answer, pages):
    token = r"\d+(?:[.,:]\d+)*|\w+"
    quote = re.findall(token, answer["quote"].lower())
    page = re.findall(token, pages.get(answer["page"], "").lower())
    n = len(quote)
    number = r"\d+(?:[.,:]\d+)*"
    stands = any(page[i:i + n] == quote for i in range(len(page) - n + 1))
    return bool(quote) and stands and set(
        re.findall(number, answer["text"])) <= set(
        re.findall(number, answer["quote"]))
