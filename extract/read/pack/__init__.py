"""Documents that are packed into one file: ZIP archives and EPUBs.

They are found by one look at the list that the archive keeps of its files, and each is read at its place.
"""
