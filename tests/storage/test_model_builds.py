"""Builds of the matcher: one a revision, the newest first, and a success in the place of a failure, never the other way round."""

from datetime import UTC, datetime, timedelta

from storage import model_builds
from storage.database import Database
from storage.model_builds import LONGEST_FAILURE, ModelBuild

NOW = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)
GOOD = ModelBuild(7, "abc", "", 0.3, 25, 300, NOW, {"features": 9.0})
BAD = ModelBuild(7, "", "ValueError: no", 0.1, 25, 300, NOW)


def record(database: Database, build: ModelBuild) -> bool:
    return database.write(lambda tx: model_builds.record(tx, build))


def test_a_build_is_kept_once_however_many_processes_make_it(database: Database) -> None:
    assert record(database, GOOD)
    assert not record(database, ModelBuild(7, "abc", "", 0.9, 25, 300, NOW + timedelta(seconds=1)))
    assert model_builds.newest(database) == [GOOD]


def test_a_success_takes_the_place_of_a_failure_and_a_failure_of_nothing(database: Database) -> None:
    assert record(database, BAD)
    assert record(database, GOOD)
    assert not record(database, BAD)
    assert model_builds.newest(database) == [GOOD]


def test_the_newest_revision_comes_first(database: Database) -> None:
    for revision in (5, 9, 7):
        record(database, ModelBuild(revision, "abc", "", 0.3, 25, 300, NOW))
    assert [build.revision for build in model_builds.newest(database, 2)] == [9, 7]


def test_a_long_failure_is_cut(database: Database) -> None:
    record(database, ModelBuild(7, "", "x" * 5_000, 0.1, 25, 300, NOW))
    assert len(model_builds.newest(database)[0].failure) == LONGEST_FAILURE
