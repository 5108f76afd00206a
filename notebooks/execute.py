"""Executes a notebook from beginning to end and keeps what it printed and drew in it.

usage: execute.py NOTEBOOK [OUT]   (OUT: where to write the executed notebook; default: in place)
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def main() -> None:
    source = Path(sys.argv[1])
    target = Path(sys.argv[2]) if len(sys.argv) > 2 else source
    notebook = nbformat.read(source, as_version=4)
    # A failing cell raises: an assertion in a notebook is a test.
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(source.parent)}}).execute()
    for cell in notebook.cells:
        # When it ran is nobody's business, and would differ each time.
        cell.metadata.pop("execution", None)
    notebook.metadata.pop("widgets", None)
    nbformat.write(notebook, target)


if __name__ == "__main__":
    main()
