"""The house rules that can be counted: sizes, thin edges, no sentences in code."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CODE = [*sorted((ROOT / "bot").rglob("*.py")), *sorted((ROOT / "actions").rglob("*.py"))]
MARKED = re.compile(r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.I)
FILE_CAP = 400
FUNCTION_CAP = 40
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [*CODE, *sorted((ROOT / "tests").rglob("*.py"))], ids=relative)
def test_files_stay_short(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= FILE_CAP


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_functions_stay_short(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, _FUNCTIONS):
            assert (node.end_lineno or 0) - node.lineno < FUNCTION_CAP, node.name


def test_the_server_is_thin() -> None:
    assert len((ROOT / "server.py").read_text().splitlines()) <= 60


@pytest.mark.parametrize("path", sorted((ROOT / "actions").glob("*.py")), ids=relative)
def test_actions_decide_nothing(path: Path) -> None:
    """An action hands over and says; a branch about dossiers belongs in the core."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            for method in (item for item in node.body if isinstance(item, _FUNCTIONS)):
                assert (method.end_lineno or 0) - method.lineno < 12, method.name
                assert not any(isinstance(inner, ast.If) for inner in ast.walk(method))


def strings_of(tree: ast.AST) -> Iterator[str]:
    """Yield every string that is not a docstring."""
    documented = (ast.Module, ast.ClassDef, *_FUNCTIONS)
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


@pytest.mark.parametrize("path", CODE, ids=relative)
def test_no_vietnamese_sentence_stands_in_code(path: Path) -> None:
    for text in strings_of(ast.parse(path.read_text(encoding="utf-8"))):
        words = text.split()
        assert not (len(words) > 3 and MARKED.search(text)), text


def test_the_web_process_never_loads_rasa() -> None:
    program = (
        "import sys, server, bot.cli; from flask import Flask; app = Flask('x');"
        "bot.cli.register(app); [each.real for each in app.cli.commands.values()];"
        "heavy = {'rasa', 'rasa_sdk', 'tensorflow', 'sklearn'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr


def test_the_simulator_shares_nothing_with_us() -> None:
    for path in (ROOT / "tests" / "simulator").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not [name for name in names if re.match(r"(bot|actions|server)\b", name)], path


def test_the_lock_file_names_no_index() -> None:
    text = (ROOT / "requirements.txt").read_text()

    assert "--hash=sha256:" in text
    assert not re.search(r"https?://|--index-url|--extra-index-url|--find-links", text)


def test_no_two_test_files_share_a_name() -> None:
    """The test runner takes the second one for the first."""
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]

    assert sorted(names) == sorted(set(names))
