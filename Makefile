# Two commands do it all: `make lab` and `make test`. The rest is for authors and maintainers.
# Windows and conda users: python -m course.setup, then python -m course.lab (see README.md).
PYTHON ?= python3
# looked up when a recipe starts, after `setup` made the folder; an active conda serves else
PY = $(shell test -x .venv/bin/python && echo .venv/bin/python || echo $(PYTHON))
PYTEST = "$(PY)" -m pytest -q --durations=20
# two processes, a file in one of them; tests/conftest.py says which come first
TWO = -n 2 --dist loadfile --no-loadscope-reorder

.PHONY: lab setup test test-slow test-grader bench refresh build run check variants instructor hub bundle lock help \
	maintainer-data

help:            ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*##/\t/'

setup:           ## environment, data and models (seconds when done before)
	@$(PYTHON) -m course.setup

lab: setup       ## set up, then JupyterLab on START_HERE
	@$(PYTHON) -m course.lab

test: setup      ## everything a change must pass: at most 15 minutes on 2 cores
	$(PYTEST) $(TWO)

test-slow: setup ## demos, real set-up, browser, plain nbgrader, classes, a hub (root): at most 60 minutes
	$(PYTEST) $(TWO) -m slow

test-grader: setup ## every attack at every sandbox level, the whole honest corpus: 20 minutes
	$(PYTEST) -m fortress

bench: setup     ## ratios measured side by side in one run
	$(PYTEST) -m bench -s

refresh: setup   ## regenerate every shipped result: outputs, references, tables
	"$(PY)" scripts/embed_reviews
	"$(PY)" scripts/embed_passages
	"$(PY)" -m course.studies all
	"$(PY)" -m grader.run all
	"$(PY)" -m grader.variants --write
	"$(PY)" -m grader.pack
	"$(PY)" -m grader.licences --write-notice

build:           ## sources to notebooks
	@"$(PY)" -m grader.build

run:             ## execute one lesson: make run LESSON=04_tokens
	@test -n "$(LESSON)" || { echo 'error: say which lesson: make run LESSON=04_tokens' >&2; exit 2; }
	@"$(PY)" -m grader.run $(LESSON)

check:           ## lint of lessons, notebooks, data and licences
	@"$(PY)" -m grader.lint

variants:        ## try every right and wrong answer; write docs/checks.md
	@"$(PY)" -m grader.variants --write

instructor:      ## docs/instructor/: a page for the teacher of each lesson
	@"$(PY)" -m grader.pack

hub: setup       ## a JupyterHub with a demo class (root): make hub CREATE_ACCOUNTS=1
	@CREATE_ACCOUNTS=$(CREATE_ACCOUNTS) "$(PY)" deploy/hub/hub.py

bundle:          ## data and models in one folder, for a classroom without a network
	@"$(PY)" -m course.bundle $(or $(OUT),dist/bundle)

maintainer-data: setup  ## maintainers: emoji from their packages, the CLIP checkpoint (4 minutes)
	"$(PY)" scripts/emoji_data
	"$(PY)" scripts/train_clip

lock:            ## maintainers: resolve requirements/course.in for every platform
	@$(PYTHON) scripts/lock
