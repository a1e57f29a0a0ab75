"""How fast docrules is, against other readers of the same pages: `make bench`, or `python -m tests.bench --help`."""
