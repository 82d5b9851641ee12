"""Small pieces of the sentences that the commands print."""


def counted(count: int, thing: str) -> str:
    """`1 page`, `2 pages`."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def cause(error: BaseException) -> str:
    """Why something failed, without the number and the path that the system puts around it."""
    return getattr(error, "strerror", None) or str(error)


def first(names: list[str], most: int = 5) -> str:
    """`a, b and 3 more`."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")
