"""An independent reader and checker of Keel's journals, written from docs/journal-format.md alone.

Nothing is shared with the program that writes journals, so that a disagreement between the two is a mistake in one of
them or in the document. Section numbers are the document's. It only reads; its memory is bounded by one group (8 MiB)
whatever the journal's length. About 25 MB/s of journal with small records, on one core.

    layout      sizes, magics, the fault that every check raises
    segment     the files
    headers     headers of segments and groups
    groups      records and the Merkle tree
    heads, cut  the files beside the segments
    walk        from group to group
    report      what is said of it: begin reading here, at verify()
"""
