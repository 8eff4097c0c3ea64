"""Check that every link between the repository's Markdown files, and to other files in it, leads somewhere.

Links to the web are not followed: whether another site is up says nothing about this repository.
"""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^(`{3,}|~{3,})[^\n]*\n.*?^\1[^\n]*$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([^)<>\s]+)>?(?:\s+\"[^\"]*\")?\s*\)|^\[[^\]\n]+\]:\s*<?(\S+?)>?\s*$", re.MULTILINE)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*\s*$", re.MULTILINE)


def markdown_files() -> list[Path]:
    """The repository's pages: what git knows or would take in; in an unpacked archive, all there are."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"]
    listing = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if listing.returncode == 0 and listing.stdout:
        return sorted(ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file())
    return sorted(path for path in ROOT.rglob("*.md") if ".venv" not in path.parts)


def blanked(text: str) -> str:
    """The text with code replaced by blanks, so that lines keep their numbers."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    return CODE.sub(blank, FENCE.sub(blank, text))


@cache
def anchors(page: Path) -> frozenset[str]:
    """Names that `#…` may point at: headings as forges and MyST slug them, and explicit targets."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    names: list[str] = re.findall(r"^\(([\w-]+)\)=\s*$", text, re.MULTILINE)
    names += re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text)
    seen: dict[str, int] = {}
    for heading in HEADING.findall(text):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").replace("*", "")
        slug = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        names.append(f"{slug}-{count}" if count else slug)
    return frozenset(names)


def problems_of(page: Path, root: Path = ROOT) -> list[str]:
    """Links of one page that lead nowhere, or out of the repository."""
    text = blanked(page.read_text(encoding="utf-8"))
    problems = []
    for match in LINK.finditer(text):
        link = match[1] or match[2]
        if re.match(r"[a-z][a-z0-9+.-]*:|//", link, re.IGNORECASE):
            continue
        where = f"{page.relative_to(root)}, line {text.count(chr(10), 0, match.start()) + 1}"
        path, _, anchor = unquote(link).partition("#")
        goal = (page.parent / path).resolve() if path else page
        if not goal.is_relative_to(root):
            problems.append(f"{where}: {link} leads out of the repository")
        elif not goal.exists():
            problems.append(f"{where}: {link} does not exist")
        elif anchor and goal.suffix == ".md" and anchor not in anchors(goal):
            problems.append(f"{where}: {link}: {goal.name} has no heading #{anchor}")
    return problems


def main() -> int:
    """Print every dead link; 1 if there is one."""
    pages = markdown_files()
    problems = [problem for page in pages for problem in problems_of(page)]
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    print(f"{len(pages)} pages, {len(problems)} dead links")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
