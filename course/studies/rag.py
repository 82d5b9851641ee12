"""Studies of lesson 10: chunk sizes, search at 100,000 vectors, the reader with many contexts.

Settings are chosen on development questions; each result holds both parts, named.
"""

import time

import numpy as np

from course.reader import FORMS, REFUSE, answers, prompt
from course.retrieval import KeywordIndex, embed
from course.shelf import Shelf
from course.studies import study
from course.ternair import handbook, questions, says

CUTS = ((15, 0), (30, 0), (60, 0), (60, 15), (120, 0), (120, 30), (240, 0))  # words, overlap
BUDGET = 240                     # words of context, whatever the size of a chunk
STORE = (1_000, 10_000, 100_000)


def _microseconds(call, times: int) -> int:
    """The least time of one of `times` calls: what the machine needs when left alone."""
    return round(min(_seconds(call) for _ in range(times)) * 1e6)


def _seconds(call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


# -------------------------------------------------------------------------------------- chunks

def _chunks(words: list[str], size: int, overlap: int) -> list[tuple[int, int]]:
    """(first, one past the last) word of each chunk, as the lesson's exercise cuts them."""
    step = size - overlap
    count = max(0, -(-(len(words) - size) // step)) + 1
    return [(i * step, min(i * step + size, len(words))) for i in range(count)]


@study(seconds=45)
def chunks() -> dict:
    """The handbook as one text, cut every so many words: does the answer stand in what 240 words
    of the best chunks say? 54 development questions; a chunk counts where it overlaps the page."""
    words, spans = [], {}
    for page in handbook():
        mine = page.headed.split()
        spans[page.id] = (len(words), len(words) + len(mine))
        words += mine
    asked, found = questions("dev"), {}
    for size, overlap in CUTS:
        cuts = _chunks(words, size, overlap)
        texts = [" ".join(words[a:b]) for a, b in cuts]
        vectors, index = embed(texts), KeywordIndex(texts, "porter unicode61")
        k = BUDGET // size
        ways = {"meaning": lambda q: np.argsort(-(vectors @ embed([q])[0]))[:k],
                "words": lambda q: [row for row, _ in index.search(q, k)]}
        found[f"{size} words, overlap {overlap}"] = {
            "chunks": len(cuts), "taken": k, **{name: float(np.mean([
                _holds(q, [cuts[row] for row in way(q.question)], words, spans)
                for q in asked])) for name, way in ways.items()}}
    return found


def _holds(question, cuts, words, spans) -> bool:
    first, last = spans[question.passages[0]]
    return any(a < last and b > first and says(" ".join(words[a:b]), question.answers)
               for a, b in cuts)


# --------------------------------------------------------------------------------------- speed

def _vectors(n: int, seed: int = 0) -> np.ndarray:
    made = np.random.default_rng(seed).standard_normal((n, 384), np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


@study(seconds=40)
def speed() -> dict:
    """Microseconds a query (best of 20) for the ten nearest of n random unit vectors, one thread,
    and of n made-up pages for the keyword index. faiss only where it is installed."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        return {str(n): _speed_at(n) for n in STORE}


def _speed_at(n: int) -> dict:
    from sklearn.neighbors import NearestNeighbors

    store, asked = _vectors(n), _vectors(20, seed=1)

    def by_hand(q):
        scores = store @ q
        best = np.argpartition(-scores, 10)[:10]
        return best[np.argsort(-scores[best])]

    library = NearestNeighbors(n_neighbors=10, algorithm="brute", metric="cosine").fit(store)
    ways = {"numpy": by_hand,
            "sklearn": lambda q: library.kneighbors(q[None], return_distance=False)[0],
            "faiss": _faiss(store)}
    expected, found = [by_hand(q).tolist() for q in asked], {}
    for name, way in ways.items():
        found[name] = way and {
            "same": float(np.mean([list(way(q)) == e for q, e in zip(asked, expected)])),
            "microseconds": _microseconds(lambda: way(asked[0]), 20)}
    return found | {"fts5": {"microseconds": _keyword_time(n)}, "megabytes": store.nbytes // 10**6}


def _faiss(store):
    try:
        import faiss
    except ImportError:
        return None
    faiss.omp_set_num_threads(1)
    flat = faiss.IndexFlatIP(store.shape[1])
    flat.add(store)
    return lambda q: flat.search(q[None], 10)[1][0]


def _keyword_time(n: int) -> int:
    """One search by eight words among n pages of 80 words drawn from the handbook's."""
    words = np.array(" ".join(page.text for page in handbook()).split())
    rng = np.random.default_rng(2)
    index = KeywordIndex(" ".join(rng.choice(words, 80)) for _ in range(n))
    return _microseconds(
        lambda: index.search("how heavy may a dog be in the cabin", 10), 5)


# -------------------------------------------------------------------------------------- reader

ASKED = {"dev": 24, "test": 48}     # the first so many: the order of the questions is random
NEW = 24                            # tokens an answer may have


def _asked(split: str):
    return questions(split)[:ASKED[split]]


def _row(asked, contexts, copy_from=None, whole: bool = False, **more) -> dict:
    """What the reader says to each question with its context, and the share that is right."""
    return _scored(asked, _said([prompt(q.question, c, **more) for q, c in zip(asked, contexts)],
                                copy_from, whole))


def _said(prompts, copy_from=None, whole=False) -> list[str]:
    return answers(prompts, max_new_tokens=NEW, copy_from=copy_from, whole=whole)


def _scored(asked, said) -> dict:
    right = [int(says(text, q.answers)) for q, text in zip(asked, said)]
    return {"rate": float(np.mean(right)), "right": right, "said": list(said)}


def _both(rows) -> dict:
    """{split: rows(questions of it)} with how many questions stand behind each rate."""
    return {split: {"n": ASKED[split]} | rows(_asked(split)) for split in ASKED}


def _right_pages(asked) -> list[str]:
    text = {page.id: page.headed for page in handbook()}
    return [text[q.passages[0]] for q in asked]


@study(seconds=60)
def prompts() -> dict:
    """The right page in four forms of prompt: development questions only."""
    asked = _asked("dev")
    return {name: _row(asked, _right_pages(asked), form=name) for name in FORMS}


@study(seconds=150)
def apart() -> dict:
    """Closed book, the right page, the page that search puts first."""
    shelf = Shelf(handbook())
    return _both(lambda asked: {
        "closed book": _row(asked, [""] * len(asked)),
        "oracle page": _row(asked, _right_pages(asked)),
        "first page found": _row(asked, [shelf.best_pages(q.question, 1)[0].headed
                                         for q in asked])})


@study(seconds=120)
def by_sentence() -> dict:
    """Sentences instead of pages, to read, and to return without a model."""
    shelf = Shelf(handbook())

    def rows(asked):
        found = [shelf.best_lines(q.question, 3) for q in asked]
        headed = [[line.headed for line in f] for f in found]
        return {"best sentence": _row(asked, [f[0] for f in headed]),
                "three sentences, best first": _row(asked, ["\n".join(f) for f in headed]),
                "three sentences, best last": _row(asked, ["\n".join(f[::-1]) for f in headed]),
                "no model: best sentence": _scored(asked, [f[0].text for f in found]),
                "no model: two sentences": _scored(asked, [f"{f[0].text} {f[1].text}"
                                                           for f in found])}
    return _both(rows)


@study(seconds=130)
def copying() -> dict:
    """The answer must be a span of the context; begun anywhere, or where a word begins."""
    shelf = Shelf(handbook())

    def rows(asked):
        best = [shelf.best_lines(q.question, 1)[0] for q in asked]
        right, headed = _right_pages(asked), [line.headed for line in best]
        return {"copying from the right page": _row(asked, right, right),
                "copying from the best sentence": _row(asked, headed, headed),
                "copying from word starts": _row(asked, headed, [line.text for line in best],
                                                    whole=True)}
    return _both(rows)


@study(seconds=40)
def told_to_refuse() -> dict:
    """The page that search finds, and a system message that allows "I don't know"."""
    shelf, found = Shelf(handbook()), {}
    for kind in ("answerable", "unanswerable"):
        asked = questions("test", kind)[:20]
        row = _row(asked, [shelf.best_pages(q.question, 1)[0].headed for q in asked],
                   more=REFUSE)
        quiet = ["don't know" in text.lower().replace("\u2019", "'") for text in row["said"]]
        found[kind] = {"n": len(asked), "refused": float(np.mean(quiet)), "said": row["said"]}
    return found
