"""Prices, the ledger and the break-even point."""

import tomllib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course import money
from course.paths import CourseError


@pytest.fixture(autouse=True)
def empty_ledger():
    money.reset_spending()
    yield
    money.reset_spending()


def test_every_price_is_dated_and_says_whether_it_is_an_assumption():
    for kind, price in money.prices().items():
        assert price.kind == kind and len(price.dated) == 10 and price.note
        assert price.basis in ("assumption", "source")
    assert money.prices()["label"].usd == 0.05


def test_spend_returns_dollars_and_writes_them_down():
    assert money.spend("label", 3) == 0.15  # 3 * 0.05 is not 0.15 in floats; cents are exact
    assert money.spend("hosted-small-input", 1_000_000) == 0.15
    money.spend("label", 997)
    assert money.spent() == pytest.approx(50.15)
    text = str(money.spend_table())
    assert "1,000" in text and "50.15" in text and "assumption" in text
    assert "<td" in money.spend_table()._repr_html_()
    money.reset_spending()
    assert money.spent() == 0


def test_cost_spends_nothing():
    assert money.cost("label", 1000) == 50
    assert money.spent() == 0
    assert "total" in str(money.spend_table())


@pytest.mark.parametrize("kind, n, part", [
    ("lable", 1, "did you mean 'label'"), ("zzz", 1, "the kinds are label"),
    ("label", -1, "0 or more"), ("label", "3", "a number"), ("label", float("nan"), "a number"),
    ("label", None, "a number"), ("label", True, "a number"), (["x"], 1, "no price"),
])
def test_what_cannot_be_bought_is_one_sentence(kind, n, part):
    with pytest.raises(CourseError, match=part) as error:
        money.spend(kind, n)
    assert "\n" not in str(error.value)
    assert money.spent() == 0


def test_numpy_numbers_are_numbers():
    np = pytest.importorskip("numpy")
    assert money.spend("label", np.int64(2)) == money.spend("label", np.float32(2)) == 0.1
    assert money.break_even(np.float64(10), np.int64(0), 0, np.float64(0.1)) == 100


amounts = st.one_of(st.integers(0, 10**6), st.decimals(0, 10**4, places=3).map(float))


@given(amounts, amounts, amounts, amounts)
def test_break_even_is_the_first_number_from_which_the_new_is_never_dearer(
        fixed_new, item_new, fixed_old, item_old):
    offers = fixed_new, item_new, fixed_old, item_old

    def new_minus_old(n):
        exact = [Fraction(str(value)) for value in offers]
        return exact[0] + exact[1] * n - exact[2] - exact[3] * n

    n = money.break_even(fixed_new=fixed_new, item_new=item_new, fixed_old=fixed_old,
                         item_old=item_old)
    if n is None:
        assert new_minus_old(10**12) > 0  # far out, the new one is dearer
    else:
        assert all(new_minus_old(m) <= 0 for m in (n, n + 1, 10 * n + 7))
        assert n == 0 or new_minus_old(n - 1) > 0


@pytest.mark.parametrize("offers, n", [
    ((0, 0, 0, 0), 0), ((5, 1, 5, 1), 0), ((6, 1, 5, 1), None), ((0, 2, 0, 1), None),
    ((0, 1, 5, 1), 0), ((10, 0, 0, 0.1), 100), ((10, 0, 0, 0.3), 34), ((1, 1, 10, 2), 0),
])
def test_break_even_at_the_edges(offers, n):
    assert money.break_even(*offers) == n


@pytest.mark.parametrize("offers", [(-1, 0, 0, 1), (0, float("inf"), 0, 1), ("1", 0, 0, 1)])
def test_break_even_refuses_what_is_no_cost(offers):
    with pytest.raises(CourseError, match="break_even needs"):
        money.break_even(*offers)


@pytest.mark.parametrize("text, part", [
    ("[a]\nusd = 1\n", "exactly the fields"), ("nonsense", "cannot be read"),
    ('[a]\nusd = -1\nper = 1\nunit = "x"\ndated = "d"\nbasis = "source"\nnote = "n"\n', "0 doll"),
    ('[a]\nusd = 1\nper = 1\nunit = "x"\ndated = "d"\nbasis = "guess"\nnote = "n"\n', "basis"),
    ('[a]\nusd = "1"\nper = 1\nunit = "x"\ndated = "d"\nbasis = "source"\nnote = "n"\n', "type"),
])
def test_a_damaged_price_list_is_named(tmp_path, text, part):
    path = tmp_path / "prices.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match=part):
        money.read_prices(path)
    with pytest.raises(CourseError, match="cannot be read"):
        money.read_prices(tmp_path / "none.toml")


def test_the_price_list_shows_as_a_table():
    assert "cpu-hour" in repr(money.prices()) and "<table>" in money.prices()._repr_html_()
    raw = tomllib.loads(money.PRICES.read_text(encoding="utf-8"))
    assert set(raw) == set(money.prices())


@pytest.mark.parametrize("amount, text", [(0, "0.00"), (1234.5, "1,234.50"), (0.00012, "0.00012")])
def test_dollars_for_reading(amount, text):
    assert money.dollars(amount) == text
