"""Files in a zip or a folder of hand-ins that are no notebooks.

Beside a learner's notebook they are counted. A learner who handed in nothing else gets one row with
zero, so that nobody is missing from the scores. What no name ties to a learner is named.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from grader.words import counted, first

# what nbgrader, systems and the course itself put beside a notebook
NO_WORK = {"timestamp.txt", "submission_secret.txt", "desktop.ini", "thumbs.db", "glossary.md"}
NO_WORK_FOLDERS = {"reference", "__macosx", "__pycache__"}
OURS = {"pages", "grading", "feedback", "autograded"}  # what grading itself puts beside hand-ins


@dataclass
class _File:
    name: str  # as it came
    short: str  # without what names the learner
    owner: str  # "" when no name says whose it is
    near: tuple[str, ...]  # what its zip and the folders around it would be called as learners


@dataclass
class Others:
    """has: learners with a notebook, or with a file that has a row of its own."""

    has: set[str] = field(default_factory=set)
    files: list[_File] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    nobodys: list[str] = field(default_factory=list)
    classes: set[tuple[str, ...]] = field(default_factory=set)  # folders of learners' folders

    def notebook(self, near: tuple[str, ...], learner: str) -> None:
        """A notebook of `learner` lies in these folders: one of them may be the learner's own."""
        if learner in near:
            self.classes.add(near[:near.index(learner)])

    def add(self, parts: tuple[str, ...], short: str, owner: str, near: tuple[str, ...]) -> None:
        """One file, if it can be somebody's work. parts: folders and name; owner: the learner whom
        the name itself says."""
        folders = {part.lower() for part in parts[:-1]}
        if parts[-1].lower() in NO_WORK or folders & NO_WORK_FOLDERS or \
                (len(parts) > 1 and parts[0].lower() in OURS) or any(part.startswith(".") for part in parts):
            return
        self.files.append(_File(parts[-1], short, owner, near))

    def settle(self, since: int) -> bool:
        """A zip or folder is read to its end: files since number `since` whose name says no learner
        belong to the folder beside those in which others' notebooks are. True when one has an owner."""
        for file in self.files[since:]:
            if not file.owner:
                file.owner = next((file.near[len(top)] for top in sorted(self.classes, key=len)
                                   if len(file.near) > len(top) and file.near[:len(top)] == top), "")
        return any(file.owner for file in self.files[since:])

    def alone(self, row: Callable) -> list:
        """Rows (row(learner, name, sentence)) of learners without any notebook."""
        rows: dict[str, list[_File]] = {}
        for file in self.files:
            if self.has & {file.owner, *file.near}:
                self.beside.append(file.short)
            elif file.owner:
                rows.setdefault(file.owner, []).append(file)
            else:
                self.nobodys.append(file.name)
        return [row(owner, files[0].name, _only(files)) for owner, files in rows.items()]

    def told(self) -> list[str]:
        """What was left out, a sentence each."""
        said = []
        if some := self.beside:
            said.append(f"{counted(len(some), 'other file')} beside notebooks "
                        f"{'was' if len(some) == 1 else 'were'} left out: {first(sorted(set(some)))}")
        if some := self.nobodys:
            who = "that is no notebook got no row, since its name says no learner" \
                if len(some) == 1 else \
                "that are no notebooks got no row, since their names say no learner"
            said.append(f"{counted(len(some), 'file')} {who}: {first(sorted(some))}")
        return said


def _only(files: list[_File]) -> str:
    if len(files) == 1:
        return f"{files[0].name} is no notebook (.ipynb), and nothing else was handed in"
    return (f"{files[0].name} and {counted(len(files) - 1, 'other file')} are no notebooks "
            "(.ipynb), and nothing else was handed in")
