"""A store with a long history: the demo brand's two weeks as they went through the real turn, then copies of its members further and further back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from bench.servers import ENVIRONMENT
from bench.turns import ACCOUNT_ID
from bot.app import brand_of
from bot.demo import past
from bot.demo.filling import fill
from bot.settings import Settings, read_settings
from storage.database import Database
from storage.multiplying import add_copies, copied_openid, everyone

PASSWORD = "only-for-the-bench-5-times"
SUPERVISOR, ADMINISTRATOR = "heqing", "admin"
BYTES_AN_EXCHANGE = {"SQLite": 1_100, "PostgreSQL": 1_500}  # with all that belongs to it
_STEP = timedelta(minutes=100)  # 5 million exchanges reach back a year and a half
_COPIES_AT_ONCE = 100


def settings_for(url: str, folder: Path) -> Settings:
    """Return the settings of the service that is measured; what it keeps beside the database it keeps in ``folder``."""
    places = {"SPOOL_FOLDER": str(folder / "spool"), "MEDIA_FOLDER": str(folder / "media")}
    return read_settings({**ENVIRONMENT, **places, "DATABASE_URL": url, "WECHAT_ACCOUNT_ID": ACCOUNT_ID})


class History:
    """The history of one database, which begins as the demo brand's."""

    def __init__(self, database: Database, settings: Settings) -> None:
        """Fill an empty database."""
        fill(
            database,
            datetime.now(UTC),
            brand=brand_of(settings),
            account_id=ACCOUNT_ID,
            passwords={SUPERVISOR: PASSWORD, ADMINISTRATOR: PASSWORD},
        )
        self._database = database
        self._pattern = everyone(database)
        self.copies = 0

    @property
    def exchanges(self) -> int:
        """How many exchanges it has, without what was said since."""
        return self._pattern.exchanges * (self.copies + 1)

    def grow_to(self, exchanges: int, progress: Callable[[int], None]) -> None:
        """Reach further back until there are about so many exchanges; ``progress`` is told how many there are."""
        newest, oldest = self.copies + 1, max(self.copies, round(exchanges / self._pattern.exchanges) - 1)
        for last in range(oldest, newest - 1, -_COPIES_AT_ONCE):
            first = max(newest, last - _COPIES_AT_ONCE + 1)
            self._database.write(
                lambda tx, first=first, last=last: add_copies(tx, self._pattern, first=first, last=last, step=_STEP)  # type: ignore[misc]
            )
            self.copies += last - first + 1
            progress(self.exchanges)

    def openids(self, count: int, random: Random) -> list[str]:
        """Return the openids of so many members of all ages, each once as long as there are enough."""
        people = [(number, copy) for copy in range(1, self.copies + 1) for number in range(past.MEMBERS)]
        drawn = random.sample(people, min(count, len(people)))
        drawn += random.choices(people, k=count - len(drawn))
        return [copied_openid(past.openid_of(number), copy) for number, copy in drawn]
