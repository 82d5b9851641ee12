"""A skeleton lesson that builds, runs and passes: `python -m grader.new 16_topic`.

It makes solutions/16_topic/16_topic.py, its variants and its catalogue entry, then builds it.
"""

import argparse
import re
import sys
from pathlib import Path
from string import Template

from course.paths import CATALOGUE, ROOT, SOLUTIONS, CourseError
from grader import build
from grader.source import catalogue

TEMPLATES = ROOT / "grader" / "templates"
NAME = re.compile(r"(\d\d)_([a-z][a-z0-9_]*)")


def new_lesson(name: str) -> list[Path]:
    """Write the files of a new lesson; CourseError, and nothing written, when it cannot be."""
    found = NAME.fullmatch(name)
    if not found:
        raise CourseError(f"{name!r} is not a lesson name: two digits, an underscore and lower-case "
                          "words, such as 16_topic")
    taken = [lesson for lesson in catalogue() if lesson[:2] == name[:2] and lesson != name]
    if taken:
        raise CourseError(f"number {name[:2]} belongs to {taken[0]} in course/catalogue.toml")
    source = SOLUTIONS / name / f"{name}.py"
    if source.exists():
        raise CourseError(f"{source} exists already: edit it, or choose another name")
    slug = found[2].replace("_", "-")
    words = {"lesson": name, "number": found[1], "title": slug.replace("-", " ").capitalize(),
             "exercise": f"{slug}-warm-up", "function": f"{found[2]}_warm_up"}
    variants = ROOT / "tests" / "variants" / name / f"{found[2]}_warm_up.py"
    made = {source: _fill("lesson.py.txt", words), variants: _fill("variants.py.txt", words),
            CATALOGUE: _catalogue(name, words["title"])}
    for path, text in made.items():
        build.write(path, text)
    return list(made)


def _fill(template: str, words: dict[str, str]) -> str:
    return Template((TEMPLATES / template).read_text(encoding="utf-8")).substitute(words)


def _catalogue(name: str, title: str) -> str:
    """The catalogue with the lesson's minutes; a planned lesson keeps its title."""
    text = CATALOGUE.read_text(encoding="utf-8")
    facts = ('promise = "What a learner can do at the end, in one sentence."\n'
             "minutes = 60\nseconds = 60\nneeds = []\nuses = []\n")
    entry = re.search(rf'^id = "{name}"\ntitle = .*\n', text, re.M)
    if entry:
        return text[:entry.end()] + facts + text[entry.end():]
    return text.rstrip("\n") + f'\n\n[[lesson]]\nid = "{name}"\ntitle = "{title}"\n{facts}'


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m grader.new", description=__doc__.split("\n")[0])
    parser.add_argument("lesson", help="two digits and a topic, such as 16_topic")
    options = parser.parse_args(arguments)
    try:
        for path in new_lesson(options.lesson):
            print(f"wrote {path}")
        if build.main([]):
            return 1
    except (CourseError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"next: write the lesson, then make run LESSON={options.lesson} variants check")
    return 0


if __name__ == "__main__":
    sys.exit(main())
