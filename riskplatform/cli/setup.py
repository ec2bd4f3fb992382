"""Commands about the desk itself: init, doctor, validate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riskplatform.cli.options import HERE, DeskFolder, Format
from riskplatform.cli.output import Output, note, out, show, working


def init(
    folder: Annotated[Path, typer.Argument(help="New folder.", metavar="DIR")],
    name: Annotated[str, typer.Option(help="Name shown on reports.")] = "",
    currency: Annotated[str, typer.Option(help="Currency of totals.", metavar="CCY")] = "USD",
) -> None:
    """Make an empty desk of your own: settings, content folders, ledger and lake."""
    from riskplatform.desk import Desk

    desk = Desk.create(folder, name=name or folder.name, base_currency=currency)
    note(f"Made the desk {desk.settings.name!r} in {desk.settings.desk}.")
    note("Next: riskplatform portfolio import FILE --desk " + str(folder))


def doctor(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """Check environment, store, calendars, disk and engines, and say how to mend each."""
    import pandas as pd

    from riskplatform.desk.doctor import examine

    with working("Examining"):
        checks = examine(desk)
    frame = pd.DataFrame([(c.state, c.what, c.found, c.mend) for c in checks])
    frame.columns = pd.Index(["state", "what", "found", "how to mend"])
    show(frame, output)
    if any(check.state == "broken" for check in checks):
        raise typer.Exit(1)


def validate(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> None:
    """Check settings, scenarios, models and jobs; each finding names file and line."""
    import pandas as pd

    from riskplatform.desk.allocation_rules import rule_findings
    from riskplatform.project.validate import Finding
    from riskplatform.project.validate import validate as find

    folder = desk.resolve()
    findings = find(folder)
    findings += [finding for finding in rule_findings(folder) if finding not in findings]
    columns = list(Finding.__dataclass_fields__)
    rows = [[getattr(finding, column) for column in columns] for finding in findings]
    if findings or output is not Output.TABLE:
        show(pd.DataFrame(rows, columns=columns), output)
    else:
        out.print("Everything can be used.")
    if any(finding.severity == "error" for finding in findings):
        raise typer.Exit(1)


def add_to(app: typer.Typer) -> None:
    """Put the commands into the program."""
    for command in (init, doctor, validate):
        app.command()(command)
