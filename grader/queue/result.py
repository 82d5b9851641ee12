"""The whole result of one submission: a row for each check and essay, whatever happened."""

MESSAGE = 1000  # characters kept of a message
NOTES = 40


def empty(shape: dict) -> dict:
    """Nothing graded yet. shape: {"lesson", "checks": [[id, exercise, part, points]], "essays":
    [[id, exercise, points]]}, as a nursery tells it."""
    return {"lesson": shape["lesson"], "state": "graded", "reason": "", "points": 0.0,
            "out_of": sum(points for *_, points in shape["checks"]),
            "by_hand": sum(points for *_, points in shape["essays"]),
            "items": [], "notes": [], "level": "", "gaps": [], "seconds": 0.0}


def complete(shape: dict, verdicts: dict, notes: list, reason: str = "") -> dict:
    """The result from the verdicts that came. verdicts: {check id: verdict}; reason: why rows
    may be missing. Points are given only where a verdict says passed."""
    result = empty(shape) | {"notes": _notes(notes)}
    for identity, exercise, part, points in shape["checks"]:
        told = verdicts.get(identity)
        passed = bool(told) and told.get("passed") is True
        row = {"check": identity, "exercise": exercise, "part": part,
               "points": float(points) if passed else 0.0, "out_of": float(points),
               "state": "not reached", "message": reason or "the run ended before this check",
               "seconds": 0.0}
        if told:
            row |= {"state": str(told.get("state", ""))[:40], "message": str(
                told.get("message", ""))[:MESSAGE], "seconds": float(told.get("seconds", 0))}
        result["items"].append(row)
    for identity, exercise, points in shape["essays"]:
        result["items"].append({
            "check": identity, "exercise": exercise, "part": "", "points": 0.0,
            "out_of": float(points), "state": "read by a person", "message": "", "seconds": 0.0})
    result["points"] = sum(row["points"] for row in result["items"])
    return result


def refused(shape: dict, sentence: str, notes: list = ()) -> dict:
    """The result of a file that is no notebook of this lesson: zero, with the sentence."""
    result = complete(shape, {}, list(notes), sentence)
    return result | {"state": "refused", "reason": sentence[:MESSAGE]}


def _notes(notes: list) -> list[dict]:
    """At most NOTES notes, each once; what an instructor should look at stays first."""
    seen, kept = set(), []
    for note in notes:
        sentence = str(note.get("sentence", ""))[:MESSAGE]
        if sentence and sentence not in seen:
            seen.add(sentence)
            kept.append({"kind": str(note.get("kind", "note"))[:20], "sentence": sentence})
    return kept[:NOTES]
