"""Read a translation catalogue (gettext's .po): as much of the format as plain messages need."""

import ast


def _entries(text: str):
    """Yield each entry as {"fuzzy": bool, "msgid": str, ...}; entries end at an empty line."""
    entry, key = {}, None
    for line in [*text.split("\n"), ""]:
        line = line.strip()
        if not line:
            if entry:
                yield entry
            entry, key = {}, None
        elif line.startswith("#,"):
            entry["fuzzy"] = "fuzzy" in line[2:].replace(",", " ").split()
        elif line.startswith("#"):         # comments, places, and #~ retired messages
            continue
        elif line.startswith('"') and key:
            entry[key] += ast.literal_eval(line)
        else:
            key, _, rest = line.partition(" ")
            entry[key] = ast.literal_eval(rest.strip())


def messages(text: str) -> dict[str, str]:
    """Message -> translation of a catalogue.

    Left out: the header, messages without a translation, entries marked fuzzy (a guess nobody
    confirmed), plural forms and messages that need a context to be understood.
    """
    found = {}
    for entry in _entries(text):
        special = entry.get("fuzzy") or "msgid_plural" in entry or "msgctxt" in entry
        if not special and entry.get("msgid") and entry.get("msgstr"):
            found[entry["msgid"]] = entry["msgstr"]
    return found
