"""The manifest of a release: what is in it, how it is stored, what made it.

Comparing a release with its manifest is in `verify.py`.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dagster_project.errors import SegmentsError
from dagster_project.publish.content_hash import release_hash
from dagster_project.publish.durable import sha256_of
from dagster_project.publish.versions import code_version, tool_versions

SCHEMA_VERSION = 1
MANIFEST = "manifest.json"
DATABASE = "segments.duckdb"
REPORT = "report/index.html"


def build_manifest(
    release_id: str,
    as_of: date,
    folder: Path,
    tables: dict[str, dict[str, Any]],
    extra: Mapping[str, Any],
) -> dict[str, Any]:
    """The manifest of a release whose other files are all written.

    `tables` is what `TableWriter.write` returned for each table; `extra` is what the
    night knows.
    """
    sized = {
        name: {**entry, "files": {n: _file(folder / n) for n in entry["files"]}}
        for name, entry in tables.items()
    }
    content = {n: e["content_hash"] for n, e in tables.items() if not e["operational"]}
    others = [n for n in (DATABASE, REPORT) if (folder / n).exists()]
    return {
        "predecessor": None,
        "code_version": code_version(),
        "declarations_hash": hash_of_json(extra.get("declarations", {})),
        **extra,
        "schema_version": SCHEMA_VERSION,
        "release_id": release_id,
        "as_of_date": str(as_of),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": tool_versions(),
        "tables": sized,
        "files": {name: _file(folder / name) for name in others},
        "content_hash": release_hash(content),
    }


def _file(path: Path) -> dict[str, Any]:
    return {"sha256": sha256_of(path), "bytes": path.stat().st_size}


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a release folder.

    Raises SegmentsError when it is missing, not JSON or was changed after publishing.
    """
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        checksum = manifest.pop("checksum")
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise SegmentsError(f"{path}: not readable as a manifest: {error}") from error
    if checksum != hash_of_json(manifest):
        raise SegmentsError(f"{path}: changed after it was published")
    return manifest


def manifest_text(manifest: dict[str, Any]) -> str:
    """The manifest as stored: JSON with a checksum of its own content."""
    plain = json.loads(json.dumps(manifest, default=str))
    whole = {**plain, "checksum": hash_of_json(plain)}
    return json.dumps(whole, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def hash_of_json(content: Any) -> str:
    """The sha256 of JSON content, whatever its layout and key order."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()
