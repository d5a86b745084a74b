"""Files of JSON lines as commands read and write them: every fault names the file, the line and what is wrong with it."""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click


def read_rows(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each line's object with its place for messages; a file ending in .gz is unpacked. Raises ClickException."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield _object(line, f"{path}:{number}"), f"{path}:{number}"
    except (OSError, EOFError, zlib.error) as error:
        raise click.ClickException(f"{path}: {getattr(error, 'strerror', None) or error}") from error
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path}: not UTF-8 text") from error


def text_in(row: Mapping[str, Any], key: str, where: str) -> str:
    """Return the text under a key. Raises ClickException when there is none."""
    value = row.get(key)
    if not isinstance(value, str):
        raise click.ClickException(f'{where}: "{key}" must be a text')
    return value


def write_rows(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Write one object a line, in ASCII. Raises ClickException."""
    try:
        with path.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=True) + "\n" for row in rows)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise click.ClickException(f"{where}: not JSON ({str(error).splitlines()[0]})") from error
    if not isinstance(row, dict):
        raise click.ClickException(f"{where}: not a JSON object")
    return row
