"""Text of people is data: in HTML, in Markdown, in charts, in file names."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from riskplatform.domain.outcome import Coverage
from riskplatform.domain.provenance import Provenance
from riskplatform.reporting.charts import plain_text
from riskplatform.ui.cards import Card, cards_html, provenance_html
from riskplatform.ui.data_import import safe_name
from riskplatform.ui.markdown import literal
from tests.ui.small_desk import AS_OF

EVIL = "<img src=x onerror=alert(1)>\"'&"


class _Tags(HTMLParser):
    """Collects the tags that a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen |= {tag, *(name for name, _ in attrs)}


def tags_of(html: str) -> set[str]:
    parser = _Tags()
    parser.feed(html)
    return parser.seen


@given(st.text())
def test_cards_have_only_their_own_tags(text: str) -> None:
    card = Card(text, text, text, text, text)
    assert tags_of(cards_html([card])) <= {"div", "small", "class", "title"}


def test_provenance_has_only_its_own_tags() -> None:
    html = provenance_html(
        Provenance(
            as_of=AS_OF, base_currency="USD", model_id=EVIL, inputs={EVIL: EVIL},
            coverage=Coverage(1),
        )
    )  # fmt: skip
    assert tags_of(html) == {"div", "class", "span", "b"}


def test_markdown_signs_are_escaped() -> None:
    shown = literal("![x](http://a.b/c.png) :red[y] `z` $w$ <b>")
    assert not re.search(r"(?<!\\)[!\[\](){}`$<>:*_]", shown)


@given(st.text())
def test_chart_names_carry_no_tags_and_no_templates(text: str) -> None:
    shown = plain_text(text)
    assert "<" not in shown
    assert "%{" not in shown
    assert len(shown) <= 60 + shown.count("% {")


@given(st.text())
def test_an_uploaded_name_stays_in_its_folder(text: str) -> None:
    name = safe_name(text)
    assert name not in ("", ".", "..")
    assert "/" not in name
    assert "\\" not in name
    assert "\0" not in name


def test_an_uploaded_name_is_kept_where_it_can_be() -> None:
    assert safe_name("Positions (March).csv") == "Positions (March).csv"
    assert safe_name("C:\\temp\\..\\x.csv") == "x.csv"
