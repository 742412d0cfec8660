"""A signer's browser: opens a signing link, fills in the page's form, and is sent back to the caller's return URL."""

import urllib.error
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    # Name, value and text of each button; a page tells its buttons apart by any of these.
    buttons: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass
class Page:
    url: str
    status: int
    text: str
    # Where the browser was sent; only a page outside the sandbox is not followed.
    left_to: str | None = None

    @property
    def returned(self) -> dict[str, str]:
        """The query of the return URL which the signer landed on."""
        assert self.left_to, f"still on the signing page ({self.status}): {self.text[:400]}"
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.left_to).query).items()}

    def press(self, button: str, **fields: str) -> "Page":
        """Sends the form that has the button, with its fields as the page filled them in unless given here."""
        for form in _Forms(self.text).forms:
            for name, value, text in form.buttons:
                if button.lower() in (value.lower(), text.lower()):
                    unknown = set(fields) - set(form.fields)
                    assert not unknown, f"the form has no field {unknown}, only {set(form.fields)}"
                    filled = form.fields | fields | ({name: value} if name else {})
                    return _fetch(urljoin(self.url, form.action), filled if form.method == "post" else None)
        raise AssertionError(f"no button {button!r} on the page: {self.text[:2000]}")


def open_link(url: str) -> Page:
    return _fetch(url)


def _fetch(url: str, form: dict[str, str] | None = None) -> Page:
    here = urlsplit(url).netloc
    for _ in range(5):
        request = urllib.request.Request(url, data=None if form is None else urlencode(form).encode())
        try:
            with _OPENER.open(request, timeout=30) as answer:
                return Page(url, answer.status, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                location = error.headers.get("Location")
                if not (300 <= error.code < 400 and location):
                    return Page(url, error.code, error.read().decode())
        url, form = urljoin(url, location), None
        if urlsplit(url).netloc != here:
            return Page(url, 302, "", left_to=url)
    raise AssertionError(f"too many redirects, last to {url}")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


class _Forms(HTMLParser):
    def __init__(self, text: str):
        super().__init__()
        self.forms: list[Form] = []
        self._button: tuple[str, str] | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get").lower()))
        elif not self.forms:
            return
        elif tag == "button":
            self._button = (given.get("name", ""), given.get("value", ""))
        elif tag == "input" and given.get("type") == "submit":
            value = given.get("value", "")
            self.forms[-1].buttons.append((given.get("name", ""), value, value))
        elif tag in ("input", "textarea") and given.get("name"):
            self.forms[-1].fields[given["name"]] = given.get("value", "")

    def handle_data(self, data):
        if self._button is not None and data.strip():
            self.forms[-1].buttons.append((*self._button, data.strip()))
            self._button = None
