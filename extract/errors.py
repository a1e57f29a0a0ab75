"""The exceptions that may leave the package. Everything that is wrong with one document is a finding, not an exception."""


class DocrulesError(Exception):
    """Root of every error that this package raises on purpose. The message says what is wrong and what to do."""


class UsageError(DocrulesError):
    """The arguments of a call are wrong: a missing path, an empty folder, a folder as output file."""


class UnreadableInputError(DocrulesError):
    """A document could not be read from disk: permission, I/O error, not a regular file."""


class VocabularyError(DocrulesError):
    """A vocabulary file that ships with the package is malformed: an empty or a duplicate entry, an unknown class."""


class SchemaViolationError(DocrulesError):
    """What was about to be written breaks its own JSON Schema. Nothing was written. Always a defect of this program."""
