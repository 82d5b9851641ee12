"""Reports: tables.py (text, CSV, JSON), lms.py (Canvas, Moodle), pages.py (HTML for each learner
and the class), statistics.py, charts.py (inline SVG), html.py (escaping), pictures.py (PNG).

Everything that came with a submission is hostile text here: it is escaped, bounded, or left out.
"""
