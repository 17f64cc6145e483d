"""Moved to `nnlib.course`; a copy of a lesson from before then is told so."""

raise ImportError("""exercises live in nnlib.course now. Write
    from nnlib.course import check, hint, progress, quiz, source
or get the lesson's new edition, with your answers in it: `make lab UPDATE=04` for lesson 04
(without make: `python tools/lab.py --update 04`)""")
