"""Ten small tasks for one language model: three worked examples each, then 40 questions.

Written for this course. A task also carries what a few lines of ordinary code would answer
(`code`), where there is such code; None where there is none.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

QUESTIONS = 40


@dataclass(frozen=True)
class Task:
    """pairs: (question, answer) with the examples first; "a|b" accepts both answers."""

    name: str
    asks: str                    # what stands before a question
    says: str                    # what stands before an answer
    pairs: list[tuple[str, str]]
    code: Callable[[str], str] | None = None
    new: int = 10                # tokens of an answer, at most

    @property
    def questions(self) -> list[tuple[str, str]]:
        return self.pairs[3:]

    def prompt(self, question: str) -> str:
        """Three worked examples, then the question without its answer."""
        shown = [f"{self.asks} {q}\n{self.says} {a.split('|')[0]}" for q, a in self.pairs[:3]]
        return "\n\n".join([*shown, f"{self.asks} {question}\n{self.says}"])


def right(said: str, answer: str) -> bool:
    """Whether what was said is one of the accepted answers, but for capitals and a full stop."""
    return said.strip().rstrip(".").strip().lower() in answer.lower().split("|")


def _listed(text: str) -> list[tuple[str, str]]:
    return [tuple(pair.split("=")) for pair in " ".join(text.split()).split("; ")]


CAPITALS = _listed("""
Italy=Rome; Japan=Tokyo; Egypt=Cairo; France=Paris; Germany=Berlin; Spain=Madrid;
Portugal=Lisbon; Poland=Warsaw; Austria=Vienna; Hungary=Budapest; Greece=Athens;
Sweden=Stockholm; Norway=Oslo; Finland=Helsinki; Denmark=Copenhagen; Ireland=Dublin;
Belgium=Brussels; Russia=Moscow; China=Beijing; India=New Delhi|Delhi; Thailand=Bangkok;
Vietnam=Hanoi; South Korea=Seoul; Cuba=Havana; Canada=Ottawa; Mexico=Mexico City;
Argentina=Buenos Aires; Brazil=Brasilia|Brasília; Chile=Santiago; Peru=Lima;
Colombia=Bogota|Bogotá; Kenya=Nairobi; Ethiopia=Addis Ababa; Ghana=Accra; Nigeria=Abuja;
Australia=Canberra; New Zealand=Wellington; Turkey=Ankara; Iran=Tehran; Iraq=Baghdad;
Nepal=Kathmandu; Mongolia=Ulaanbaatar|Ulan Bator; Iceland=Reykjavik|Reykjavík""")

FRENCH = _listed("""
house=maison|la maison; water=eau|l'eau; red=rouge; dog=chien|le chien; cat=chat|le chat;
bread=pain|le pain; milk=lait|le lait; book=livre|le livre; tree=arbre|l'arbre;
sun=soleil|le soleil; moon=lune|la lune; sea=mer|la mer; city=ville|la ville;
street=rue|la rue; school=école|l'école; friend=ami|amie|l'ami; mother=mère|la mère;
father=père|le père; child=enfant|l'enfant; king=roi|le roi; night=nuit|la nuit;
day=jour|le jour; white=blanc|blanche; black=noir|noire; green=vert|verte; big=grand|grande;
small=petit|petite; good=bon|bonne|bien; bad=mauvais|mauvaise|mal; horse=cheval|le cheval;
bird=oiseau|l'oiseau; fish=poisson|le poisson; door=porte|la porte;
window=fenêtre|la fenêtre; table=table|la table; heart=coeur|cœur|le coeur|le cœur;
hand=main|la main; head=tête|la tête; wine=vin|le vin; cheese=fromage|le fromage;
apple=pomme|la pomme; flower=fleur|la fleur; winter=hiver|l'hiver""")

OPPOSITES = _listed("""
hot=cold; up=down; fast=slow; big=small|little; happy=sad|unhappy; old=young|new; dark=light|bright;
open=closed|close|shut; rich=poor; early=late; strong=weak; high=low; long=short; full=empty;
hard=soft|easy; wet=dry; clean=dirty; near=far; right=wrong|left; true=false; loud=quiet|soft;
thick=thin; heavy=light; wide=narrow; win=lose; buy=sell; push=pull; love=hate; first=last;
day=night; north=south; begin=end|finish|stop; remember=forget; accept=reject|refuse; deep=shallow;
brave=cowardly|afraid|fearful|timid; cheap=expensive; safe=dangerous|unsafe; sharp=dull|blunt;
rough=smooth; above=below|under; inside=outside; arrive=leave|depart""")

WORDS = """lemon paper river stone music window garden orange yellow winter summer button candle
dragon finger guitar hammer island jacket kettle ladder magnet needle pepper rabbit saddle ticket
velvet walnut anchor basket castle dinner engine forest golden helmet insect jungle kitten
lizard mirror napkin""".split()

CITIES = ["Oslo", "Lima", "Cairo", "Delhi", "Paris", "Rome", "Tokyo", "Dublin"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
PEOPLE = ["Anna", "Boris", "Clara", "David", "Emma", "Felix", "Grace", "Hugo", "Irene", "Jonas"]
THINGS = ["lamp", "chair", "phone", "coat", "bike", "clock", "radio", "desk"]


def _prices(rng: random.Random) -> list[tuple[str, str]]:
    """A sentence with a number of pieces, a day and a price: which price?"""
    shapes = ["On {day} {who} bought {n} {thing}s in {city} for ${usd}.",
              "{who} paid ${usd} in {city} for {n} {thing}s, delivered on {day}.",
              "The {n} {thing}s that {who} ordered on {day} cost ${usd}, sent from {city}."]
    pairs = []
    for place in range(QUESTIONS + 3):
        usd = f"{rng.randrange(12, 900)}.{rng.randrange(100):02}"
        pairs.append((shapes[place % 3].format(
            day=rng.choice(DAYS), who=rng.choice(PEOPLE), n=rng.randrange(2, 10), usd=usd,
            thing=rng.choice(THINGS), city=rng.choice(CITIES)), f"${usd}|{usd}"))
    return pairs


def _passages(rng: random.Random) -> list[tuple[str, str]]:
    """Three people in three cities: where does one of them live?"""
    pairs = []
    for _ in range(QUESTIONS + 3):
        people, cities = rng.sample(PEOPLE, 3), rng.sample(CITIES, 3)
        text = " ".join(f"{who} lives in {city}." for who, city in zip(people, cities))
        asked = rng.randrange(3)
        pairs.append((f"{text} Where does {people[asked]} live?", cities[asked]))
    return pairs


def _sums(rng: random.Random, low: int, high: int, sign: str) -> list[tuple[str, str]]:
    pairs = []
    while len(pairs) < QUESTIONS + 3:
        a, b = rng.randrange(low, high), rng.randrange(low, high)
        pair = (f"{a} {sign} {b}", str(a + b if sign == "+" else a * b))
        if pair not in pairs:
            pairs.append(pair)
    return pairs


def _price_by_code(sentence: str) -> str:
    return sentence.partition("$")[2].strip().split(" ")[0].rstrip(".,")


def _city_by_code(text: str) -> str:
    who = text.rpartition("Where does ")[2].split(" ")[0]
    return text.partition(f"{who} lives in ")[2].partition(".")[0]


def _sum_by_code(question: str) -> str:
    a, sign, b = question.split()
    return str(int(a) + int(b) if sign == "+" else int(a) * int(b))


def tasks() -> list[Task]:
    """All ten, the same questions each time."""
    rng = random.Random(7)
    return [
        Task("opposite of a word", "Word:", "Opposite:", OPPOSITES),
        Task("capital of a country", "Country:", "Capital:", CAPITALS),
        Task("word into French", "English:", "French:", FRENCH),
        Task("word out of French", "French:", "English:",
             [(fr.split("|")[0], en) for en, fr in FRENCH]),
        Task("answer from a passage", "Text:", "Answer:", _passages(rng), _city_by_code),
        Task("price out of a sentence", "Sentence:", "Price:", _prices(rng), _price_by_code, 12),
        Task("sum, one-digit numbers", "Sum:", "Result:", _sums(rng, 1, 10, "+"), _sum_by_code),
        Task("sum, two-digit numbers", "Sum:", "Result:", _sums(rng, 10, 100, "+"), _sum_by_code),
        Task("product, two-digit numbers", "Product:", "Result:", _sums(rng, 10, 100, "*"),
             _sum_by_code),
        Task("word backwards", "Word:", "Backwards:", [(word, word[::-1]) for word in WORDS],
             lambda word: word[::-1]),
    ]
