"""The language of questions: measures of nodes, in scenarios, with changes of the book.

A question is one line of text or a file of the desk's ``queries/`` folder; both are the same value.

    gain, es of GEQ in equity_down_20, {rates: all, parallel: +50 bp} with GEQ.NAM.CORE: AAPL +1000
"""

from riskplatform.project.query_language.query import EXPOSURES, GAIN, MEASURES, Asked, Query
from riskplatform.project.query_language.reading import query_of, read_query
from riskplatform.project.query_language.text import parsed_query

__all__ = [
    "EXPOSURES",
    "GAIN",
    "MEASURES",
    "Asked",
    "Query",
    "parsed_query",
    "query_of",
    "read_query",
]
