"""Results as nbgrader keeps them: rows of its gradebook, notebooks of its autograded/ folder."""

import contextlib
import copy
import os
import re
import shutil
from pathlib import Path

import nbformat
from nbgrader import utils
from nbgrader.api import MissingEntry

from course.paths import CourseError
from grader import late
from grader.reports import pictures
from grader.reports.markup import text as escaped

NAMES = {"not solved yet": "NotSolvedYet"}
SCHEME = re.compile(r"\b(javascript|vbscript|data|file)(\s*):", re.I)
SMALL = 200  # bytes of a time stamp or of a secret
SECRET = "submission_secret.txt"  # by it nbgrader hands feedback to the right learner


class Keeper:
    """Writes the submissions of one assignment. gb: an open Gradebook; package: packed.pack."""

    def __init__(self, gb, directory, config, assignment: str, package: dict):
        self.gb, self.directory, self.config = gb, directory, config
        self.assignment, self.package = assignment, package
        self.released = nbformat.reads(package["released"], 4)
        self.model = {c.metadata["nbgrader"]["grade_id"]: c for c in self.released.cells
                      if "nbgrader" in c.metadata}
        self.ours = {c.source for c in self.released.cells}
        try:
            gb.find_assignment(assignment)
            self.source = {c.name: c for c in gb.find_notebook(assignment, assignment).source_cells}
        except MissingEntry:
            raise CourseError(f"the gradebook does not know {assignment}: run nbgrader "
                              f"generate_assignment {assignment} first") from None

    def refuse_another_version(self) -> None:
        """The gradebook's checks must be those that graded."""
        for name, source in self.package["trusted"].items():
            kept = self.source.get(name)
            if name in self.model and (kept is None or kept.source.strip() != source.strip()):
                mine = (Path(self.directory.root) / "cohort.json").is_file()  # a class's own folder
                raise CourseError(
                    f"the gradebook has another version of {self.assignment}: its cell {name} is not the "
                    f"one in solutions/{self.assignment}/{self.assignment}.{'ipynb' if mine else 'py'}: run "
                    + ("" if mine else "make build and then ")
                    + f"nbgrader generate_assignment {self.assignment} --force")

    def keep(self, student: str, result: dict, kept: dict) -> tuple[Path, Path]:
        """Enter one result; (the folder made for it, where it belongs once all is committed)."""
        self.gb.update_or_create_student(student)
        stamp = self._stamp(student)
        submission = self.gb.update_or_create_submission(
            self.assignment, student, **({"timestamp": stamp} if stamp else {}))
        late.extend(Path(self.directory.root), submission, self.assignment, student)
        notebook, untouched = self._notebook(result, kept)
        verdicts = {item["check"]: item for item in result["items"]}
        book = self.gb.find_submission_notebook(self.assignment, self.assignment, student)
        same = self._as_it_was_read(student, notebook)
        for grade in book.grades:
            item = verdicts.get(grade.name)
            by_hand = item is not None and item["state"] == "read by a person"
            essay = by_hand and result["state"] == "graded" and grade.name not in untouched
            grade.auto_score = None if essay else float(item["points"]) if item else 0.0
            read = by_hand and grade.manual_score is not None and not grade.needs_manual_grade
            grade.needs_manual_grade = not (read and grade.name in same) and (
                grade.manual_score is not None or grade.auto_score is None)
        for comment in book.comments:
            comment.auto_comment = "No response." if comment.name in untouched else None
        self._late(submission, book, student)
        return self._write(student, notebook)

    def _late(self, submission, book, student: str) -> None:
        """The penalty that the course's own plugin gives."""
        from nbgrader.preprocessors import AssignLatePenalties
        book.late_submission_penalty = None
        if submission.total_seconds_late <= 0:
            return
        step = AssignLatePenalties(config=self.config)
        step.init_plugin()
        self.gb.db.flush()
        self.gb.db.refresh(book)
        penalty = step.plugin_inst.late_submission_penalty(student, book.score,
                                                           submission.total_seconds_late)
        if penalty is not None:
            book.late_submission_penalty = step._check_late_penalty(book, penalty)

    def _as_it_was_read(self, student: str, notebook) -> set[str]:
        """Cells whose text is that of the notebook which formgrader shows until now: a person who
        gave points need not read them again."""
        place = self._folder("autograded_directory", student) / f"{self.assignment}.ipynb"
        try:
            shown = nbformat.read(place, 4)
        except (OSError, ValueError, nbformat.ValidationError):
            return set()
        text = {c.metadata.get("nbgrader", {}).get("grade_id"): c.source for c in shown.cells}
        now = {c.metadata.get("nbgrader", {}).get("grade_id"): c.source for c in notebook.cells}
        return {name for name, source in now.items() if text.get(name) == source}

    def _stamp(self, student: str):
        try:
            return utils.parse_utc(self.handed(student, "timestamp.txt").decode().strip())
        except (OSError, ValueError, OverflowError):
            return None

    def handed(self, student: str, name: str) -> bytes:
        """A small regular file of a submission, never a link; OSError when it is none."""
        path = self._folder("submitted_directory", student) / name
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)
                         | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(number, "rb") as file:
            return file.read(SMALL)

    def _folder(self, kind: str, student: str) -> Path:
        return Path(self.directory.root) / getattr(self.directory, kind) / student / self.assignment

    # --- the notebook -------------------------------------------------------------------

    def _notebook(self, result: dict, kept: dict):
        """(the notebook as it ran, names of the answers left untouched)."""
        notebook = copy.deepcopy(self.released)
        untouched = set()
        if result["state"] == "graded":
            notebook.cells = [self._cell(told) for told in kept["cells"]]
            _fill(notebook, result, kept["outputs"])
        else:
            notebook.cells.insert(0, nbformat.v4.new_markdown_cell(
                f"**Not graded:** {escaped(result['reason'])}", id="not-graded"))
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id")
            if name in self.source:
                cell.metadata.nbgrader["checksum"] = self.source[name].checksum
                if self.source[name].locked:
                    cell.source = self.source[name].source
            if name and utils.is_solution(cell) and \
                    cell.metadata.nbgrader.get("checksum") == utils.compute_checksum(cell):
                untouched.add(name)
            elif cell.cell_type != "code" and cell.id != "not-graded" and \
                    cell.source not in self.ours:
                cell.source = harmless(cell.source)
        return notebook, untouched

    def _cell(self, told: dict):
        make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}.get(
            told["type"], nbformat.v4.new_raw_cell)
        model = self.model.get(told["name"])
        metadata = copy.deepcopy(model.metadata) if model is not None else {}
        return make(told["source"], id=told["id"], metadata=metadata)

    def _write(self, student: str, notebook) -> tuple[Path, Path]:
        """The finished folder beside its place: notebook, course files, time stamp."""
        place = self._folder("autograded_directory", student)
        part = place.with_name(f".{place.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        source = Path(self.directory.root) / self.directory.source_directory / self.assignment
        for name in utils.find_all_files(str(source), self.directory.ignore + ["*.ipynb"]):
            target = part / Path(name).relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(name, target)
        stamp = self._stamp(student)
        if stamp:
            (part / "timestamp.txt").write_text(f"{stamp.isoformat(sep=' ')} UTC\n",
                                                encoding="utf-8")
        with contextlib.suppress(OSError):
            (part / SECRET).write_bytes(self.handed(student, SECRET))
        nbformat.write(notebook, part / f"{self.assignment}.ipynb")
        return part, place


def _fill(notebook, result: dict, outputs: dict) -> None:
    """Put outputs into the cells: what learners' cells did, and the verdict of each check."""
    verdicts = {item["check"]: item for item in result["items"]}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        name = cell.metadata.get("nbgrader", {}).get("grade_id") or ""
        item = verdicts.get(name)
        if item is not None:
            if item["state"] != "solved":
                cell.outputs = [_error(NAMES.get(item["state"], "CheckFailed"), item["message"])]
        else:
            cell.outputs = _shown(outputs.get(name or cell.id) or {})


def _shown(output: dict) -> list:
    shown = []
    if output.get("text"):
        shown.append(nbformat.v4.new_output("stream", name="stdout", text=output["text"]))
    for picture in output.get("pictures", []):
        made = pictures.clean(picture)
        if made:
            shown.append(nbformat.v4.new_output("display_data", data={
                "image/png": made, "text/plain": "a picture"}))
    if output.get("error"):
        kind, _, words = output["error"].partition(": ")
        shown.append(_error(kind if kind.isidentifier() else "Error", words or kind))
    return shown


def _error(kind: str, words: str):
    return nbformat.v4.new_output("error", ename=kind, evalue=words,
                                  traceback=[f"{kind}: {words}"])


def harmless(markdown: str) -> str:
    """A learner's markdown whose HTML and script links are text: formgrader and feedback pages
    show it in an instructor's browser."""
    plain = "".join(c for c in markdown if c.isprintable() or c in "\n\t")
    plain = plain.replace("&", "&amp;").replace("<", "&lt;")
    return SCHEME.sub("\\1\\2\N{RATIO}", plain)
