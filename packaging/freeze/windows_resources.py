"""What Windows shows and knows about the programs: version, publisher, DPI awareness."""

from __future__ import annotations

import re
from pathlib import Path

MANIFEST = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0">
  <trustInfo xmlns="urn:schemas-microsoft-com:asm.v3">
    <security><requestedPrivileges>
      <requestedExecutionLevel level="asInvoker" uiAccess="false"/>
    </requestedPrivileges></security>
  </trustInfo>
  <compatibility xmlns="urn:schemas-microsoft-com:compatibility.v1">
    <application><supportedOS Id="{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}"/></application>
  </compatibility>
  <application xmlns="urn:schemas-microsoft-com:asm.v3">
    <windowsSettings>
      <dpiAwareness xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">PerMonitorV2</dpiAwareness>
      <longPathAware xmlns="http://schemas.microsoft.com/SMI/2016/WindowsSettings">true</longPathAware>
    </windowsSettings>
  </application>
  <dependency><dependentAssembly>
    <assemblyIdentity type="win32" name="Microsoft.Windows.Common-Controls" version="6.0.0.0"
      processorArchitecture="*" publicKeyToken="6595b64144ccf1df" language="*"/>
  </dependentAssembly></dependency>
</assembly>
"""
"""PerMonitorV2 is what Qt asks for itself; here it holds before the first window, too."""

_VERSION_INFO = """VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3f, flags=0, OS=0x40004,
                    fileType=1, subtype=0, date=(0, 0)),
  kids=[
    StringFileInfo([StringTable('040904B0', [
      StringStruct('CompanyName', 'Siaran'), StringStruct('ProductName', 'Siaran'),
      StringStruct('FileDescription', '{what}'), StringStruct('FileVersion', '{version}'),
      StringStruct('ProductVersion', '{version}'), StringStruct('InternalName', '{name}'),
      StringStruct('OriginalFilename', '{name}.exe'), StringStruct('LegalCopyright', 'MIT licence'),
    ])]),
    VarFileInfo([VarStruct('Translation', [0x409, 1200])]),
  ])
"""


def version_of(root: Path) -> str:
    """The programs' version, read without importing them."""
    text = (root / "shared" / "__init__.py").read_text(encoding="utf-8")
    found = re.search(r'__version__ = "([^"]+)"', text)
    assert found is not None
    return found.group(1)


def version_info(root: Path, name: str, folder: str) -> str:
    """Write the version resource of the program *name* into *folder*; return the file."""
    version = version_of(root)
    numbers = tuple([*map(int, re.findall(r"\d+", version)), 0, 0, 0][:4])
    what = "Siaran console" if "console" in name.lower() else "Siaran tray"
    text = _VERSION_INFO.format(numbers=numbers, version=version, name=name, what=what)
    path = Path(folder) / f"{name}.version"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)
