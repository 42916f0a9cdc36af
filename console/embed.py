"""Turns the built console into one C++ file that defines servers::console_assets(): embed.py DIST TO."""

import gzip
import pathlib
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
LINE_BYTES = 32


def array(name: str, content: bytes) -> str:
    """The bytes as numbers; a string literal of this length would not be portable."""
    lines = [content[at : at + LINE_BYTES] for at in range(0, len(content), LINE_BYTES)]
    numbers = ",\n".join("    " + ", ".join(str(byte - (byte > 127) * 256) for byte in line) for line in lines)
    return f"constexpr std::array<char, {len(content)}> {name}{{\n{numbers}}};\n"


class Asset:
    """One file: the arrays that hold it, and its row."""

    def __init__(self, number: int, path: pathlib.Path, dist: pathlib.Path) -> None:
        content = path.read_bytes()
        packed = gzip.compress(content, 9, mtime=0)
        parts = [content, packed if len(packed) < len(content) else b""]
        names = [f"kFile{number}", f"kFile{number}Gzip"]
        self.arrays = "".join(array(name, part) for name, part in zip(names, parts, strict=True) if part)
        views = [f"view({name})" if part else '""' for name, part in zip(names, parts, strict=True)]
        where = "/" if path.name == "index.html" else "/console/" + path.relative_to(dist).as_posix()
        self.row = f'    Asset{{"{where}", "{TYPES[path.suffix]}", {", ".join(views)}}},\n'


def main() -> None:
    dist, to = map(pathlib.Path, sys.argv[1:3])
    files = sorted(path for path in dist.rglob("*") if path.is_file())
    if not any(path.name == "index.html" for path in files):
        sys.exit(f"embed: no index.html in {dist}")
    assets = [Asset(number, path, dist) for number, path in enumerate(files)]
    to.write_text(
        "// Made by console/embed.py.\n"
        '#include "servers/console/asset.hpp"\n\n'
        "#include <array>\n\nnamespace keel::servers {\nnamespace {\n\n"
        "constexpr std::string_view view(std::span<const char> bytes) {\n"
        "  return {bytes.data(), bytes.size()};\n}\n\n"
        + "".join(asset.arrays for asset in assets)
        + f"constexpr std::array<Asset, {len(assets)}> kAssets{{\n"
        + "".join(asset.row for asset in assets)
        + "};\n\n}  // namespace\n\n"
        "std::span<const Asset> console_assets() noexcept {\n  return kAssets;\n}\n\n"
        "}  // namespace keel::servers\n"
    )


if __name__ == "__main__":
    main()
