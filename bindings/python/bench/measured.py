"""Tables in documents, written by the commands that measured them.

A table stands between `<!-- measured: NAME -->` and `<!-- end of measured -->`; above it the document gives the command.
"""

import pathlib
import re


def write(document: str, name: str, lines: list[str]) -> None:
    """Puts the lines of a table between the markers of its name.

    Raises:
        SystemExit: the document has no such markers.
    """
    path = pathlib.Path(document)
    marked = re.compile(rf"(<!-- measured: {re.escape(name)} -->\n).*?(<!-- end of measured -->)", re.S)
    text, count = marked.subn(lambda match: match[1] + "".join(f"{line}\n" for line in lines) + match[2], path.read_text())
    if count != 1:
        raise SystemExit(f"{document}: no place <!-- measured: {name} --> in it")
    path.write_text(text)


def row(*cells: object) -> str:
    """A row of a table in Markdown."""
    return "| " + " | ".join(str(cell) for cell in cells) + " |"
