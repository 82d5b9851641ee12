"""Pictures and texts in one space, for lesson 08.

`data` reads the emoji (names, pictures, caption vectors), `families` says which of them belong
together and which no training sees, `model` has the two towers, `training` teaches them by
steps, `measure` counts hits, `load` is `clip()`: the shipped checkpoint or COURSE_CLIP.
"""
