"""The scheduler: runs jobs when they are due, in the foreground, until it is told to end."""

from __future__ import annotations

from typing import Annotated

import typer

from riskplatform.cli.options import HERE, DeskFolder, Format, open_desk
from riskplatform.cli.output import Output, json_text, note, out, show

app = typer.Typer(help="Runs jobs when they are due.", no_args_is_help=True)


@app.command()
def start(
    slots: Annotated[int, typer.Option(help="So many runs at a time.", min=1)] = 2,
    lease_seconds: Annotated[
        float, typer.Option(help="After so long without a sign of life others take over.", min=2)
    ] = 120.0,
    patience_seconds: Annotated[
        float, typer.Option(help="So long a stop waits for runs to end.", min=0)
    ] = 30.0,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Do what is due now, and end.")
    ] = False,
    desk: DeskFolder = HERE,
) -> int:
    """Run jobs when they are due; a line for each. SIGTERM or Ctrl-C ends it: runs get a while to
    end, then they are cut off (exit code 1). Any number of schedulers may serve one desk."""
    from datetime import timedelta

    from riskplatform.errors import EnvironmentSetupError
    from riskplatform.scheduling.identity import identity_of_this_process
    from riskplatform.scheduling.service import Options, Service

    try:
        import riskplatform.scheduling.alarms  # noqa: F401
    except ModuleNotFoundError as error:
        raise EnvironmentSetupError(
            f"The scheduler needs {error.name}, which is not installed.",
            hint="pip install 'riskplatform[scheduling]'",
        ) from error
    options = Options(
        slots=slots,
        lease=timedelta(seconds=lease_seconds),
        patience=timedelta(seconds=patience_seconds),
        until_idle=until_idle,
    )
    with open_desk(desk) as opened:
        service = Service(opened, identity_of_this_process(), options, note)
        count = sum(job.enabled and not job.schedule.is_by_hand for job in opened.jobs())
        note(f"The scheduler of {opened.settings.name!r} follows {count} jobs; Ctrl-C ends it.")
        return service.run()


@app.command()
def status(desk: DeskFolder = HERE, output: Format = Output.TABLE) -> int:
    """Which schedulers live on this machine, what runs now, what is due next. Exit code 1 when
    there are jobs and no scheduler."""
    opened = open_desk(desk)
    found = opened.scheduler_status()
    if output is Output.JSON:
        out.file.write(json_text(found.to_dict()) + "\n")
    elif output is Output.CSV:
        show(found.to_frame(), output)
    else:
        for one in found.schedulers:
            note(f"Scheduler {one.identity} since {one.since}.")
        if not found.schedulers:
            note("No scheduler lives on this machine: riskplatform scheduler start")
        show(found.to_frame(), output, title="Running and next", footer=("times in UTC",))
    return 1 if found.jobs and not found.schedulers else 0
