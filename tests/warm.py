"""What a process that others are forked from does before: it imports everything, and learns what is shipped; being imported is all that takes."""

import bot.cli.main  # noqa: F401 (with it comes all the rest)
from intents.matching.matcher import Matcher
from intents.matching.places import Places
from intents.registry import all_intents

Matcher(all_intents(()), Places(()))  # is remembered
