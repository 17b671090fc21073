"""Watches a browser: its console, the content security policy, and where its requests go."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

# The console names no directive where the policy was changed by hand; the event always does.
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.effectiveDirective} blocked ${event.blockedURI}`);
});
"""
OF_THE_BROWSER = ("data", "blob", "about", "chrome-error")


class Watch:
    """Collects what no page may do: console errors and warnings, script errors, blocked content,
    requests to another origin.

    Chromium logs an error for a page answered with 4xx; such an answer is named by `expect`.
    """

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.requests: list[str] = []
        self._expected: set[tuple[str, int]] = set()
        self._refused: dict[str, int] = {}
        self._faults: list[str] = []

    def follow(self, context: BrowserContext) -> None:
        """Watches every page of the context from now on."""
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self._faults.append(f"script: {error.error}"))
        context.on("request", self._on_request)
        context.on("response", self._on_response)

    def expect(self, path: str, status: int) -> None:
        """That address may be answered with that status."""
        self._expected.add((path, status))

    def take_faults(self) -> list[str]:
        """The faults since the last time, in order."""
        refusals = [
            f"answer: {status} for {path}"
            for path, status in self._refused.items()
            if (path, status) not in self._expected
        ]
        faults, self._faults, self._refused = [*self._faults, *refusals], [], {}
        return faults

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        # Judged by its status instead: the answer itself is seen in `_on_response`.
        if not message.text.startswith("Failed to load resource: the server responded"):
            self._faults.append(f"console: {message.text}")

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)
        parts = urlsplit(request.url)
        if f"{parts.scheme}://{parts.netloc}" != self.origin and parts.scheme not in OF_THE_BROWSER:
            self._faults.append(f"another origin: {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 400:
            self._refused[urlsplit(response.url).path] = response.status
