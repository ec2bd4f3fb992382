"""Which VaR model is in use where: ``models/champions.yaml``, one line per portfolio.

A portfolio that is not named there uses the model of the one above it; where none is named, the
setting ``var_model`` decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from riskplatform.errors import nearest
from riskplatform.project.models import model_folders
from riskplatform.project.strict_yaml import read_document

FILE = "champions.yaml"


def read_champions(desk: Path) -> Mapping[str, str]:
    """Model by portfolio; nothing where there is no such file."""
    file = desk / "models" / FILE
    if not file.is_file():
        return {}
    document = read_document(file)
    known = [folder.name for folder in model_folders(desk)]
    for portfolio, model in document.data.items():
        if not isinstance(model, str):
            raise document.error(f"the model of {portfolio} must be a name.", portfolio)
        if model not in known:
            near = nearest(model, known)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
            raise document.error(f"there is no model {model!r} in models/.", portfolio, hint=hint)
    return {str(portfolio): str(model) for portfolio, model in document.data.items()}
