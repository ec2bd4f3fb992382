"""Which revision of terms holds when."""

from __future__ import annotations

from riskplatform.store.ledger.instants import BEGINNING
from riskplatform.store.ledger.revisions import Revision, changes_nothing, in_force, terms_at

FIRST = Revision(1, BEGINNING, "A")
FROM_100 = Revision(2, 100, "B")


def test_a_dated_revision_leaves_the_time_before_it() -> None:
    history = [FIRST, FROM_100]
    assert [terms_at(history, moment) for moment in (0, 99, 100, 500)] == ["A", "A", "B", "B"]


def test_an_undated_revision_replaces_everything() -> None:
    history = [FIRST, FROM_100, Revision(3, BEGINNING, "C")]
    assert in_force(history) == [Revision(3, BEGINNING, "C")]


def test_a_revision_replaces_what_was_said_of_later_times() -> None:
    history = [FIRST, FROM_100, Revision(3, 50, "C")]
    assert [terms_at(history, moment) for moment in (0, 49, 50, 100)] == ["A", "A", "C", "C"]


def test_nothing_is_known_before_the_first_date() -> None:
    assert terms_at([FROM_100], 99) is None


def test_saying_what_is_known_changes_nothing() -> None:
    history = [FIRST, FROM_100]
    assert changes_nothing(history, 100, "B")
    assert changes_nothing(history, 300, "B")
    # Undated, it would also replace what came before.
    assert not changes_nothing(history, BEGINNING, "B")
    # And this would replace what comes after.
    assert not changes_nothing(history, BEGINNING, "A")
    assert not changes_nothing([], BEGINNING, "A")
