import re
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

from bench.client import Visit, fetch

FETCHED_RELS = {"stylesheet", "icon", "preload", "manifest", "apple-touch-icon"}
CSS_URL = re.compile(r"""url\(["']?([^"')]+)["']?\)""")


@dataclass(frozen=True, slots=True)
class Weight:
    """Bytes of bodies; `total` without a browser cache."""

    html: int
    html_unpacked: int
    total: int
    parts: dict[str, int]

    @property
    def requests(self) -> int:
        return 1 + len(self.parts)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in {"script", "img"} and given.get("src"):
            self.found.append(given["src"] or "")
        elif tag == "link" and FETCHED_RELS & set((given.get("rel") or "").split()):
            self.found.append(given.get("href") or "")


def linked(html: str) -> list[str]:
    """Return unique URLs in order, without data: URLs."""
    links = _Links()
    links.feed(html)
    return [link for link in dict.fromkeys(links.found) if link and not link.startswith("data:")]


def weigh(port: int, visit: Visit) -> Weight:
    """Raises RuntimeError for a missing part."""
    page = fetch(port, visit)
    parts: dict[str, int] = {}
    waiting = [urljoin(visit.path, link) for link in linked(page.text)]
    while waiting:
        path = waiting.pop(0)
        if path in parts:
            continue
        answer = fetch(port, Visit(path, accepts="gzip, br"))
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}")
        parts[path] = len(answer.body)
        if path.endswith(".css"):
            css = fetch(port, Visit(path, accepts="identity")).text
            fonts = [url for url in CSS_URL.findall(css) if not url.startswith(("data:", "#"))]
            waiting += [urljoin(path, url) for url in fonts]
    html = len(page.body)
    return Weight(html, len(page.text.encode()), html + sum(parts.values()), parts)
