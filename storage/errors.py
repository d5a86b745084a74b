"""What can go wrong in storage.

StorageError
├── StorageUnavailable   locked too long, disk full, file gone: trying again later can help
│   ├── CommitUnknown    the server was lost during a commit: only a key tells whether it counts
│   └── HeldByOthers     another transaction holds what is asked for
├── SchemaTooNew         the database was migrated by a newer release
├── SchemaTooOld         migrations are pending
├── InsufficientPoints   the points asked for are more than the member has
└── Conflict             a rule of the data refused the change (unique, check, foreign key)
"""


class StorageError(Exception):
    """Base of all errors of this part."""


class StorageUnavailable(StorageError):
    """The database cannot be used right now."""


class CommitUnknown(StorageUnavailable):
    """The connection broke during a commit: it is not known whether it counts."""


class HeldByOthers(StorageUnavailable):
    """Another transaction holds what is asked for, and did not give it up in time, or each held what the other asked for."""


class SchemaTooNew(StorageError):
    """The database was migrated by a newer release than this one."""


class SchemaTooOld(StorageError):
    """The database lacks migrations that this release needs."""


class Conflict(StorageError):
    """A rule of the data refused the change."""


class InsufficientPoints(StorageError):
    """The points asked for are more than the member has."""
