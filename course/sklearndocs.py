"""A real corpus to search: passages out of the docstrings of the pinned scikit-learn (BSD-3).

    docs = sklearn_docs()
    docs[0].id, docs[0].title, docs[0].text

The source files are read, never imported, so that the passages are the same on every platform.
40 questions about them, by people of this course, lie in data/rag/sklearn_questions.json.
"""

import ast
import json
import re
from dataclasses import dataclass
from functools import cache as once
from importlib.util import find_spec
from pathlib import Path

from course.paths import DATA, CourseError

# file of scikit-learn -> the classes and functions of it that are taken
PARTS = {
    "calibration.py": ["CalibratedClassifierCV"],
    "cluster/_dbscan.py": ["DBSCAN"],
    "cluster/_kmeans.py": ["KMeans", "MiniBatchKMeans"],
    "compose/_column_transformer.py": ["ColumnTransformer"],
    "decomposition/_nmf.py": ["NMF"],
    "decomposition/_pca.py": ["PCA"],
    "dummy.py": ["DummyClassifier"],
    "ensemble/_forest.py": ["RandomForestClassifier", "ExtraTreesClassifier"],
    "ensemble/_gb.py": ["GradientBoostingClassifier"],
    "ensemble/_hist_gradient_boosting/gradient_boosting.py": ["HistGradientBoostingClassifier"],
    "ensemble/_iforest.py": ["IsolationForest"],
    "ensemble/_stacking.py": ["StackingClassifier"],
    "feature_extraction/text.py": ["CountVectorizer", "TfidfVectorizer", "HashingVectorizer"],
    "feature_selection/_rfe.py": ["RFE", "RFECV"],
    "impute/_base.py": ["SimpleImputer"],
    "inspection/_permutation_importance.py": ["permutation_importance"],
    "linear_model/_coordinate_descent.py": ["Lasso", "ElasticNet"],
    "linear_model/_logistic.py": ["LogisticRegression"],
    "linear_model/_ridge.py": ["Ridge"],
    "linear_model/_stochastic_gradient.py": ["SGDClassifier"],
    "manifold/_t_sne.py": ["TSNE"],
    "metrics/_classification.py": ["accuracy_score", "balanced_accuracy_score",
                                   "brier_score_loss", "classification_report",
                                   "cohen_kappa_score", "confusion_matrix", "f1_score",
                                   "log_loss", "matthews_corrcoef", "precision_score",
                                   "recall_score"],
    "metrics/_ranking.py": ["average_precision_score", "ndcg_score", "roc_auc_score",
                            "roc_curve", "top_k_accuracy_score"],
    "metrics/_regression.py": ["mean_absolute_error", "r2_score"],
    "model_selection/_search.py": ["GridSearchCV", "RandomizedSearchCV"],
    "model_selection/_split.py": ["GroupKFold", "KFold", "StratifiedKFold", "TimeSeriesSplit",
                                  "train_test_split"],
    "model_selection/_validation.py": ["cross_val_predict", "cross_val_score",
                                       "cross_validate", "learning_curve"],
    "naive_bayes.py": ["GaussianNB", "MultinomialNB"],
    "neighbors/_classification.py": ["KNeighborsClassifier"],
    "neighbors/_lof.py": ["LocalOutlierFactor"],
    "neural_network/_multilayer_perceptron.py": ["MLPClassifier"],
    "pipeline.py": ["Pipeline"],
    "preprocessing/_data.py": ["MinMaxScaler", "RobustScaler", "StandardScaler"],
    "preprocessing/_encoders.py": ["OneHotEncoder", "OrdinalEncoder"],
    "preprocessing/_target_encoder.py": ["TargetEncoder"],
    "svm/_classes.py": ["LinearSVC", "SVC"],
    "tree/_classes.py": ["DecisionTreeClassifier"],
}
KEPT = ("", "Parameters", "Returns", "Attributes", "Notes")   # sections that say something
WORDS = 90          # a passage is closed once it has this many words


@dataclass(frozen=True)
class Passage:
    """id: "KMeans/3", the object and a number. title: "KMeans, Parameters". text: plain words."""

    id: str
    title: str
    text: str

    @property
    def headed(self) -> str:
        """Title and text as one string, for embedding."""
        return f"{self.title}. {self.text}"


@dataclass(frozen=True)
class Question:
    """about: the object that holds the answer. gold: strings, one of which the passage contains.
    part: "dev" (to choose settings on) or "test"."""

    text: str
    about: str
    gold: tuple[str, ...]
    part: str


def plain(text: str) -> str:
    """One line of words: no roles, no back quotes, no directives' dots."""
    text = re.sub(r":\w+:`~?([^`<]+?)(?:\s*<[^`]*>)?`", r"\1", text)
    text = re.sub(r"\.\. (\w+)::", r"\1:", text)
    return " ".join(re.sub(r"`+", "", text).split())


def sections(docstring: str) -> list[tuple[str, list[str]]]:
    """(name, lines) of each section of a numpydoc docstring; the text before them has name ""."""
    found, lines = [("", [])], docstring.splitlines()
    for line, below in zip(lines, [*lines[1:], ""]):
        if line.strip() and re.fullmatch(r"-{3,}", below.strip()):
            found.append((line.strip(), []))
        elif not re.fullmatch(r"-{3,}", line.strip()):
            found[-1][1].append(line)
    return found


def pieces(lines: list[str], entries: bool) -> list[str]:
    """Units that are not cut: a parameter with its description, or else a paragraph."""
    parts: list[list[str]] = [[]]
    for line in lines:
        new = line[:1].strip() if entries else not line.strip()
        if new and parts[-1]:
            parts.append([])
        parts[-1].append(line)
    return [text for text in (plain("\n".join(part)) for part in parts) if text]


def grouped(units: list[str], words: int = WORDS) -> list[str]:
    """Neighbouring units joined until a passage has at least `words` words; a longer unit is
    cut at ends of sentences. No word is lost."""
    short = []
    for unit in units:
        for sentence in re.split(r"(?<=[.:]) (?=[A-Z\"'-])", unit) if len(
                unit.split()) > 2 * words else [unit]:
            short.append(sentence)
    passages: list[list[str]] = [[]]
    for unit in short:
        if sum(len(one.split()) for one in passages[-1]) >= words:
            passages.append([])
        passages[-1].append(unit)
    return [" ".join(passage) for passage in passages if passage]


@once
def _sklearn_docs() -> tuple[Passage, ...]:
    folder, found = Path(find_spec("sklearn").submodule_search_locations[0]), []
    for file, names in PARTS.items():
        body = ast.parse((folder / file).read_text(encoding="utf-8")).body
        texts = {node.name: ast.get_docstring(node) for node in body
                 if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
        for name in names:
            if not texts.get(name):
                raise CourseError(f"scikit-learn's {file} has no docstring of {name}: install "
                                  "the pinned version, requirements/course.lock.")
            found += _passages(name, texts[name])
    return tuple(found)


def _passages(name: str, docstring: str) -> list[Passage]:
    texts = [(section or "about", text) for section, lines in sections(docstring)
             if section in KEPT
             for text in grouped(pieces(lines, section in KEPT[1:4]))]
    return [Passage(f"{name}/{number}", f"{name}, {section}", text)
            for number, (section, text) in enumerate(texts, 1)]


def sklearn_docs() -> list[Passage]:
    """The passages, in the order of `PARTS`: what classes and functions do, take and return."""
    return list(_sklearn_docs())


@once
def _questions() -> tuple[Question, ...]:
    rows = json.loads((DATA / "rag" / "sklearn_questions.json").read_text(encoding="utf-8"))
    return tuple(Question(row["question"], row["about"], tuple(row["gold"]), row["part"])
                 for row in rows["questions"])


def sklearn_questions(part: str = "dev") -> list[Question]:
    """The questions of "dev" or of "test", 20 each."""
    if part not in ("dev", "test"):
        raise CourseError(f"the questions are in two parts, 'dev' and 'test', not {part!r}.")
    return [question for question in _questions() if question.part == part]


def relevant(question: Question) -> set[int]:
    """Rows of `sklearn_docs()` that answer: of the object asked about, with a gold string."""
    return {row for row, passage in enumerate(_sklearn_docs())
            if passage.id.partition("/")[0] == question.about
            and any(gold in passage.text for gold in question.gold)}
