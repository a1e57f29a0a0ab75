"""Pages that are broken at random, read in processes that may die: `python -m tests.fuzz --help`."""
