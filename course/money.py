"""Money: dated prices, a ledger of what was spent, and the point where two offers cost the same.

Prices stand in data/prices.toml, each with its date and its source or the word "assumption".
Amounts are worked out in exact decimals (0.05 means five cents) and handed over as floats.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from math import ceil, isfinite
from numbers import Rational, Real

from course.paths import DATA, CourseError
from course.tables import Table, table

PRICES = DATA / "prices.toml"
_FIELDS = {"usd": (int, float), "per": int, "unit": str, "dated": str, "basis": str, "note": str}
_ledger: dict[str, Fraction] = {}  # kind -> units bought in this process, in order of first use
_loaded: dict = {}


@dataclass(frozen=True)
class Price:
    """`usd` dollars buy `per` units; `basis` is "assumption" or "source" (read `note`)."""

    kind: str
    usd: float
    per: int
    unit: str
    dated: str
    basis: str
    note: str


class PriceList(dict):
    """kind -> Price; shows as a table."""

    def _table(self) -> Table:
        rows = [[p.kind, f"{p.usd:.2f}", _per(p), p.dated, p.basis] for p in self.values()]
        return table(rows, ["kind", "USD", "for", "dated", "basis"])

    def __repr__(self) -> str:
        return str(self._table())

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()


def prices() -> PriceList:
    """Every price of the course: kind -> Price."""
    if "all" not in _loaded:
        _loaded["all"] = read_prices(PRICES)
    return PriceList(_loaded["all"])


def read_prices(path) -> PriceList:
    """The prices in a TOML file. Raises CourseError naming the entry that is not well formed."""
    try:
        with open(path, "rb") as file:
            raw = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CourseError(f"The prices in {path} cannot be read ({error}): "
                          "restore the file from the repository.") from None
    found = PriceList()
    for kind, entry in raw.items():
        problem = _problem(entry)
        if problem:
            raise CourseError(f"The price '{kind}' in {path} {problem}.")
        found[kind] = Price(kind=kind, **entry)
    return found


def _problem(entry) -> str | None:
    if not isinstance(entry, Mapping) or set(entry) != set(_FIELDS):
        return f"must have exactly the fields {', '.join(_FIELDS)}"
    for name, kind in _FIELDS.items():
        if not isinstance(entry[name], kind) or isinstance(entry[name], bool):
            return f"has a {name} of the wrong type"
    if entry["usd"] < 0 or not isfinite(entry["usd"]) or entry["per"] < 1:
        return "must cost 0 dollars or more for 1 unit or more"
    if entry["basis"] not in ("assumption", "source"):
        return "must have basis \"assumption\" or \"source\""
    return None


def cost(kind: str, n: float) -> float:
    """What `n` units of `kind` cost in dollars, without spending anything.

    >>> cost("label", 1000)
    50.0
    """
    return float(_cost(kind, _units(kind, n)))


def spend(kind: str, n: float) -> float:
    """Buy `n` units of `kind`: writes them into the ledger and returns the cost in dollars.

    kind: a name in `prices()`; n: units, 0 or more (fractions of an hour are fine).
    The ledger lives as long as the Python process; `spend_table()` shows it.
    Raises CourseError for an unknown kind and for an n that is negative or not a number.
    """
    units = _units(kind, n)
    dollars = _cost(kind, units)
    _ledger[kind] = _ledger.get(kind, Fraction(0)) + units
    return float(dollars)


def spent() -> float:
    """Dollars in the ledger so far."""
    return float(sum((_cost(kind, units) for kind, units in _ledger.items()), Fraction(0)))


def spend_table() -> Table:
    """What was spent in this process, one line a kind, with the sum."""
    rows = []
    for kind, units in _ledger.items():
        price = prices()[kind]
        amount = f"{int(units):,}" if units.denominator == 1 else f"{float(units):,.3g}"
        rows.append([kind, amount, price.unit + ("" if units == 1 else "s"),
                     f"{price.usd:.2f} for {_per(price)}", price.basis,
                     dollars(_cost(kind, units))])
    rows.append(["total", "", "", "", "", dollars(spent())])
    return table(rows, ["kind", "bought", "unit", "price", "basis", "USD"], total=len(rows) > 1)


def reset_spending() -> None:
    """Empty the ledger."""
    _ledger.clear()


def dollars(amount) -> str:
    """An amount for reading: cents from one cent on, three significant digits below.

    >>> dollars(1234.5), dollars(0.00012)
    ('1,234.50', '0.00012')
    """
    amount = float(amount)
    return f"{amount:,.2f}" if amount == 0 or abs(amount) >= 0.01 else f"{amount:.3g}"


def break_even(fixed_new: float, item_new: float, fixed_old: float,
               item_old: float) -> int | None:
    """The smallest whole number of items from which the new offer is never dearer again, or None.

    The new offer costs fixed_new + item_new * n for n items, the old one fixed_old + item_old * n,
    in dollars. The answer n is the smallest whole number, 0 or more, such that at n items *and at
    every larger number* the new offer costs at most as much as the old one. None: however many
    items there are, the old one wins in the end (the new one costs more per item, or the same per
    item with a larger fixed part).

    Fractions of a cent are exact: 0.1 means one tenth, not the nearest binary number.
    Raises CourseError for an amount that is negative or not a number.

    >>> break_even(500, 0.001, 0, 0.05)  # new: a model; old: labels bought one by one
    10205
    >>> break_even(0, 0.05, 500, 0.001) is None
    True
    """
    fixed = _dollars("fixed_new", fixed_new) - _dollars("fixed_old", fixed_old)
    saved = _dollars("item_old", item_old) - _dollars("item_new", item_new)  # on each item
    if saved > 0:
        return max(0, ceil(fixed / saved))
    return 0 if saved == 0 and fixed <= 0 else None


def _exact(value) -> Fraction | None:
    """The number as a person reads it, or None when it is not a finite number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Rational):
        return Fraction(value)
    try:
        number = float(value) if isinstance(value, Real) or hasattr(value, "__float__") else None
    except (TypeError, ValueError, OverflowError):
        return None
    if number is None or isinstance(value, (str, bytes)) or not isfinite(number):
        return None
    return Fraction(str(number))


def _units(kind: str, n) -> Fraction:
    if not isinstance(kind, str) or kind not in prices():
        near = get_close_matches(str(kind), prices(), 1, 0.5)
        hint = f"did you mean '{near[0]}'" if near else "the kinds are " + ", ".join(prices())
        raise CourseError(f"There is no price for {kind!r}: {hint}.")
    units = _exact(n)
    if units is None:
        raise CourseError(f"spend('{kind}', n) needs n to be a number, not {n!r}.")
    if units < 0:
        raise CourseError(f"spend('{kind}', n) needs n to be 0 or more, not {n}: "
                          "money spent does not come back.")
    return units


def _cost(kind: str, units: Fraction) -> Fraction:
    price = prices()[kind]
    return _exact(price.usd) * units / price.per


def _dollars(name: str, value) -> Fraction:
    amount = _exact(value)
    if amount is None:
        raise CourseError(f"break_even needs {name} to be a number of dollars, not {value!r}.")
    if amount < 0:
        raise CourseError(f"break_even needs {name} to be 0 dollars or more, not {value}.")
    return amount


def _per(price: Price) -> str:
    if price.per == 1:
        return f"1 {price.unit}"
    number = {1000: "thousand", 1_000_000: "million"}.get(price.per)
    return f"1 {number} {price.unit}s" if number else f"{price.per:,} {price.unit}s"
