"""The hint levels of a lesson, as its author wrote them."""

import functools

from course.paths import CourseError


@functools.cache
def of(lesson: str) -> dict[str, str]:
    """{exercise: its hints as HTML}; {} when the lesson's source is not here. The lesson is the
    course's own text; nothing of a submission passes here."""
    import mistune

    from grader.source import read_lesson, source_path
    try:
        notebook = read_lesson(source_path(lesson))
    except CourseError:
        return {}
    render = mistune.create_markdown(escape=False, plugins=["table"])
    return {cell.metadata["course"]["exercise"]: render(_spaced(cell.source))
            for cell in notebook.cells if cell.metadata.get("course", {}).get("kind") == "hints"}


def _spaced(source: str) -> str:
    """Markdown inside <details> is read as markdown only after an empty line."""
    return source.replace("</summary>", "</summary>\n\n").replace("</details>", "\n\n</details>\n")
