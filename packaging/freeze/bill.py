"""Says what a frozen folder is made of: for machines (CycloneDX 1.6), and for people (notices).

Both are the same for the same folder, byte by byte.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from parts import Part

EXCHANGE = """\
Siaran uses Qt and PySide under the GNU Lesser General Public License, version 3. They are separate
files, which you may replace by your own builds of the same version: on Windows
_internal\\PySide6\\Qt6*.dll and _internal\\PySide6\\plugins, on Linux _internal/PySide6/Qt/lib and
_internal/PySide6/Qt/plugins, and on both the modules beside them (Qt*.pyd, Qt*.so, pyside6*,
libpyside6*, and the folder shiboken6). The programs check none of these files. The source is at the
addresses below. On Linux, the data of ICU are reduced to what Qt asks for; any whole libicudata of
the same version may take their place.
"""
RULE = "=" * 80


def notices(version: str, parts: Sequence[Part]) -> str:
    """The notices of third parties for the Siaran of *version*."""
    lines = [f"Third-party notices of Siaran {version}", "", EXCHANGE]
    for part in parts:
        title = f"{part.name} {part.version}".strip()
        lines += [RULE, title, f"Licence: {part.licence}"]
        lines += [f"Source: {part.source}"] if part.source else []
        for text in part.texts:
            lines += ["", text.rstrip()]
        lines.append("")
    return "\n".join(lines)


def bill_of_materials(name: str, version: str, parts: Sequence[Part]) -> str:
    """The CycloneDX document of the folder *name*, dated by SOURCE_DATE_EPOCH (s)."""
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    root = f"pkg:generic/{name}@{version}"
    components = [_component(part) for part in parts]
    content = json.dumps([root, epoch, components], sort_keys=True)
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(epoch, UTC).isoformat(),
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": name,
                "version": version,
                "licenses": [{"license": {"id": "MIT"}}],
                "purl": root,
            },
        },
        "components": components,
        "dependencies": [
            {"ref": root, "dependsOn": [part.purl for part in parts]},
            *({"ref": part.purl} for part in parts),
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _component(part: Part) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "library", "bom-ref": part.purl, "name": part.name}
    if part.version:
        made["version"] = part.version
    made["licenses"] = [{"expression": part.licence}]
    made["purl"] = part.purl
    if part.source:
        made["externalReferences"] = [{"type": "distribution", "url": part.source}]
    return made
