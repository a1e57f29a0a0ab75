"""The review page: the tables of the documents, the rules that came of them, and why, side by side in one file."""
