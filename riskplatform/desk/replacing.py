"""A person's wish to change an open order, handed to the engine that runs."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from riskplatform.desk.executing import controls_of, engine_of
from riskplatform.desk.order_tables import blotter_of, full_id
from riskplatform.errors import NotAllowedError, UserInputError

if TYPE_CHECKING:
    from riskplatform.desk.desk import Desk


def replace_order(
    desk: Desk,
    client_order_id: str,
    quantity: Decimal | None,
    limit_price: Decimal | None,
    reason: str,
) -> str:
    """Refused where no engine would act on it now: a wish that waits is acted on in another
    market than the one it was made in."""
    if quantity is None and limit_price is None:
        raise UserInputError(
            "A replace changes something.", hint="Give a total quantity, a limit price, or both."
        )
    if quantity is not None and not (quantity.is_finite() and quantity > 0):
        raise UserInputError(f"The quantity is {quantity}.", hint="Give a total above 0.")
    if limit_price is not None and not limit_price.is_finite():
        raise UserInputError(f"The limit price is {limit_price}.", hint="Give a number.")
    blotter = blotter_of(desk.ledger)
    name = full_id(blotter, client_order_id)
    state = blotter.states[name]
    if not state.is_working or state.is_cancelling:
        said = state.status.value.replace("_", " ")
        raise NotAllowedError(f"Order {name} is {said}; there is nothing to replace.")
    controls = controls_of(desk)
    if not controls.state().may_trade:
        raise NotAllowedError(f"Execution is {controls.state()}; it replaces nothing.")
    if engine_of(desk) is None:
        raise NotAllowedError(
            f"No engine runs on this desk, so nobody asks the venue to replace {name}.",
            hint="Start one: riskplatform execute start.",
        )
    total = state.quantity if quantity is None else quantity
    controls.replace(name, total, limit_price, desk.settings.actor, reason)
    return name
