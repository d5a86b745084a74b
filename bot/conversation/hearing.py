"""How messages sound, with what staff corrected: equal texts count at once, and a thread learns the rest of it, so that no message waits."""

import logging
import threading

from intents.sentiment.judge import Judge, Sentiment
from intents.sentiment.learned import Example, Learned, learn_from, shipped

log = logging.getLogger(__name__)


class Hearing:
    """Keeps the newest judge; one for each process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._corrections: tuple[Example, ...] = ()
        self._learned: Learned | None = None  # by the newest thread that is through; None is what was shipped
        self._judge = Judge()
        self._learning: threading.Thread | None = None

    def judge(self, text: str) -> Sentiment:
        """Return how a message sounds."""
        return self._judge.judge(text)

    def teach(self, corrections: tuple[Example, ...]) -> None:
        """Go by these corrections, oldest first: for equal texts from now on, for others as soon as they are learned."""
        with self._lock:
            if corrections == self._corrections:
                return
            self._corrections = corrections
            self._judge = Judge(corrections, self._learned)
            self._learning = threading.Thread(target=self._learn, args=(corrections,), name="hearing", daemon=True)
            self._learning.start()

    def settle(self, seconds: float) -> None:
        """Wait a little for what is being learned."""
        learning = self._learning
        if learning is not None:
            learning.join(seconds)

    def _learn(self, corrections: tuple[Example, ...]) -> None:
        """Learn, unless something newer is to be learned; what fails leaves what was there before."""
        try:
            learned = learn_from(shipped(), corrections)
        except Exception:  # whatever is wrong with a correction, the account goes on answering
            log.exception("corrections cannot be learned, messages are judged as before")
            return
        with self._lock:
            if self._learning is threading.current_thread():
                self._learned, self._judge, self._learning = learned, Judge(corrections, learned), None
