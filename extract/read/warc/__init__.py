"""Web archives (WARC, ISO 28500): the pages that a crawl fetched, each by its address, read record by record.

`listing` goes through an archive once and says where its pages stand, `loading` reads them there. Both need the library fastwarc, which the
extra `docrules[warc]` installs; `urls` and `record` do not.
"""
