"""Show the finished version of a function beside its derivation."""

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any


class Source:
    """Python source that JupyterLab highlights; prints as plain code elsewhere."""

    def __init__(self, code: str) -> None:
        self.code = code

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.code}\n```"

    def __repr__(self) -> str:
        return self.code


def source(*functions: Callable[..., Any]) -> Source:
    """Return the lines of functions or methods that are the equation, under their class's name.

    Docstrings are left out, and decorators, which check, explain or quieten.
    """
    parts, class_above = [], ""
    for function in functions:
        owner = function.__qualname__.rpartition(".")[0]
        title = f"# {owner}\n" if owner and owner != class_above else ""
        parts.append(title + _bare(function))
        class_above = owner
    return Source("\n\n".join(parts))


def _bare(function: Callable[..., Any]) -> str:
    code = textwrap.dedent(inspect.getsource(function))
    definition = ast.parse(code).body[0]
    lines = code.rstrip().splitlines()
    body = getattr(definition, "body", [])
    if body and ast.get_docstring(definition) is not None:  # type: ignore[arg-type]
        del lines[body[0].lineno - 1 : body[0].end_lineno]
    return "\n".join(lines[definition.lineno - 1 :])
