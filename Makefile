# Each target does all of its own set-up: a virtual environment in .venv with the pinned packages.
PYTHON ?= python3
BIN := $(if $(filter Windows_NT,$(OS)),.venv/Scripts,.venv/bin)
RUN := $(BIN)/python
# A variable of the command line; the environment has a LANG of its own, on some systems a NAME.
given = $(if $(filter command,$(origin $1)),$($1))

.PHONY: book test notebooks serve page lesson ready reproduce lint lock clean
.DEFAULT_GOAL := book

book: .venv/ready ## Run every page that changed and build both languages into _build/html
	$(RUN) -m tools.checks
	$(RUN) -m tools.book

test: .venv/ready lint ## Lint, unit tests, every page under nbmake, the site in a browser
	$(RUN) -m tools.browser
	$(RUN) -m pytest tests --ignore=tests/test_site.py --ignore=tests/test_search.py --ignore=tests/test_exported.py
	$(RUN) -m tools.checks
	$(RUN) -m tools.book --alone # each page runs as the notebook that readers download
	$(RUN) -m pytest tests/test_site.py tests/test_search.py tests/test_exported.py

notebooks: book ## The notebooks that readers download, into _build/notebooks
	$(RUN) -m tools.notebooks

serve: .venv/ready ## Preview on localhost, rebuilt on save
	$(RUN) -m tools.serve $(PORT)

page: .venv/ready ## Run one page if needed, and build it: make page NAME=rnn LANG=ko
	$(RUN) -m tools.page "$(call given,NAME)" $(call given,LANG)

lesson: .venv/ready ## Start a new chapter: make lesson NAME=attention
	$(RUN) -m tools.lesson "$(call given,NAME)"

ready: .venv/ready ## What a chapter still lacks before it may be merged: make ready NAME=attention
	$(RUN) -m tools.ready "$(call given,NAME)"

reproduce: .venv/ready ## Every training of the sources over 5 seeds; the record that the book shows
	$(RUN) -m tools.reproduce

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(RUN) -m tools.spelling

lock: .venv/ready ## Regenerate requirements.txt from the ranges in pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra book --extra dev --universal --python-version 3.11 \
		--generate-hashes --no-annotate --custom-compile-command "make lock" --output-file requirements.txt

clean:
	$(PYTHON) -c "import shutil; [shutil.rmtree(d, ignore_errors=True) for d in ('_build', '.pages')]"

.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c "import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v <= (3, 13) else 'Python 3.11, 3.12 or 3.13 is needed, this is %d.%d. Name another one with: make PYTHON=python3.12' % v)"
	$(PYTHON) -m venv .venv
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(RUN) -c "import pathlib; pathlib.Path('.venv/ready').touch()"
