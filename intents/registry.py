"""Every intent there is: the coded ones, a line each, and the scripted ones as shipped and as staff have them."""

import logging
from collections.abc import Iterable

from intents import (
    case_progress,
    checkin,
    complaint,
    coupon_claim,
    coupon_list,
    coupon_mine,
    coupon_usage,
    greeting,
    human,
    human_cancel,
    media,
    order_status,
    points_balance,
    points_history,
    scene_scan,
    store_hours,
    store_nearest,
    suggestion,
    thanks,
    welcome,
)
from intents import help as help_
from intents.scripted.loading import BadScriptedIntent, from_record, shipped
from intents.types import Intent
from storage.scripted_intents import ScriptedIntent

log = logging.getLogger(__name__)

# Help offers them in this order, as many as there is room for.
CODED: tuple[Intent, ...] = (
    coupon_claim.INTENT,
    coupon_mine.INTENT,
    coupon_list.INTENT,
    store_nearest.INTENT,
    store_hours.INTENT,
    order_status.INTENT,
    checkin.INTENT,
    points_balance.INTENT,
    suggestion.INTENT,
    coupon_usage.INTENT,
    points_history.INTENT,
    complaint.INTENT,
    case_progress.INTENT,
    human.INTENT,
    human_cancel.INTENT,
    help_.INTENT,
    greeting.INTENT,
    thanks.INTENT,
    welcome.INTENT,
    scene_scan.INTENT,
    media.INTENT,
)
CODED_NAMES = frozenset(intent.name for intent in CODED)  # no scripted intent may take one of these


def all_intents(records: Iterable[ScriptedIntent]) -> tuple[Intent, ...]:
    """Return the intents the account can talk about now: coded, then scripted with the records of staff over what is shipped.

    A record switched off takes its intent away, also a shipped one. One that cannot be used is left out and logged: what is shipped stays, and
    the others answer.
    """
    scripted = {intent.name: intent for intent in shipped()}
    for record in records:
        if record.name in CODED_NAMES:
            log.error("scripted intent %s is not used: an intent with code has this name", record.name)
        elif not record.enabled:
            scripted.pop(record.name, None)
        else:
            try:
                scripted[record.name] = from_record(record)
            except BadScriptedIntent as error:
                log.error("scripted intent is not used: %s", error)
    return (*CODED, *scripted.values())
