# Each target does all of its own set-up: a virtual environment in .venv with the pinned packages.
PYTHON ?= $(if $(filter 3.%,$(shell python3 --version 2>&1)),python3,python)
WINDOWS := $(filter Windows_NT,$(OS))
BIN := $(if $(WINDOWS),.venv/Scripts,.venv/bin)
RUN := $(BIN)/python$(if $(WINDOWS),.exe)
LOCK = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate \
	--custom-compile-command "make lock"
# A variable of the command line; the environment has a LANG of its own, on some systems a NAME.
given = $(if $(filter command,$(origin $1)),$($1))

# Tasks go to this scheduler; without one, to the cores of this machine.
export BOOK_SCHEDULER := $(or $(call given,SCHEDULER),$(BOOK_SCHEDULER))
# Whatever the terminal speaks, files and what programs say are in UTF-8.
export PYTHONUTF8 := 1
# What people set for Pythons of their own: other modules would be taken for ours, a dependency's
# warning would end a build. uv compiles no modules when it installs them: without bytecode every
# process would compile all that it imports again.
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONINSPECT PYTHONOPTIMIZE PYTHONPATH PYTHONSAFEPATH PYTHONWARNINGS
# A test that waits for ever is named, and ends after so long.
MOST_SECONDS := 600
SUDO = $(if $(filter-out 0,$(shell id -u)),sudo)

.PHONY: book test unit machines site live engines engines-packages mutations notebooks page serve lesson ready reproduce parity links html-check lint lock clean shard merge shard-seconds lint-workflows cache-key changes elsewhere replicate worker newest colab external-links issue bench publish propose FORCE
.DEFAULT_GOAL := book
.SILENT: # what is printed is for the reader
.NOTPARALLEL: # each command takes all cores, and some take the site that another one makes

book: .venv/ready ## Run every page that changed and build both languages into _build/html; STRICT=1 fails on a false claim
	$(RUN) -m bookwright book $(if $(filter-out 0,$(STRICT)),--strict)

test: lint unit site ## Lint, unit tests, every page under nbmake, the site in a browser

unit: .venv/ready
	$(RUN) -m bookwright browser
	$(RUN) -m pytest tests --ignore=tests/site --ignore=tests/mutations --numprocesses 2 --dist worksteal --timeout $(MOST_SECONDS)

machines: .venv/ready ## What happens on a full disk, after a kill, in a clone that was moved: minutes, some as root
	$(RUN) -m bookwright browser
	$(RUN) -m pytest tests/machines -m machines $(if $(REPORT),--report "$(REPORT)")

site: .venv/ready
	$(RUN) -m bookwright browser
	$(RUN) -m bookwright book
	$(RUN) -m pytest tests/site --numprocesses 3 --dist worksteal --timeout $(MOST_SECONDS)

live: .venv/ready ## What takes minutes in a browser: each live cell, each exercise, rare failures, axe with all open
	$(RUN) -m bookwright browser
	$(RUN) -m pytest tests --ignore=tests/mutations -m live --numprocesses 2 --dist worksteal --timeout $(MOST_SECONDS) $(if $(REPORT),--report "$(REPORT)")

engines: .venv/ready ## The built site in Firefox and in WebKit; make engines-packages installs them
	$(if $(wildcard _build/html/build.json),,$(RUN) -m bookwright book)
	ENGINES=all $(RUN) -m pytest tests/site/test_engines*.py -m "" --timeout $(MOST_SECONDS) $(if $(REPORT),--report "$(REPORT)")

engines-packages: ## Firefox, WebKit and a screen that nobody sees, from Debian's or Ubuntu's packages
	$(SUDO) apt-get update -q
	$(SUDO) apt-get install -q -y $(if $(shell command -v firefox),,firefox-esr) webkit2gtk-driver xvfb xauth

mutations: .venv/ready ## Real pages and settings changed at random: no traceback, no hang? make mutations N=500
	MUTATIONS=$(or $(call given,N),50) $(RUN) -m pytest tests/mutations --timeout 0 $(if $(REPORT),--report "$(REPORT)")

shard: .venv/ready ## One machine's share of the pages: make shard SHARD=2/5
	$(RUN) -m bookwright shard run $(SHARD)

merge: .venv/ready ## Joins the shards below _build/shards into the runs that the build shows
	$(RUN) -m bookwright shard merge

shard-seconds: .venv/ready ## Records how long each page ran, for a fair division into shards
	$(RUN) -m bookwright shard record
notebooks: book ## The notebooks that readers download, into _build/notebooks
	$(RUN) -m bookwright notebooks

serve: .venv/ready ## Preview on localhost, rebuilt on save
	$(RUN) -m bookwright serve $(PORT)

page: .venv/ready ## Run one page if needed, and build it: make page NAME=rnn LANG=ko
	$(RUN) -m bookwright page "$(call given,NAME)" $(call given,LANG)

lesson: .venv/ready ## Start a new chapter: make lesson NAME=attention
	$(RUN) -m bookwright lesson "$(call given,NAME)"

ready: .venv/ready ## What a chapter still lacks before it may be merged: make ready NAME=attention
	$(RUN) -m bookwright ready "$(call given,NAME)"

reproduce: .venv/ready ## Every training of the sources over 5 seeds; the record that the book shows
	$(RUN) -m retraining

parity: .venv/ready ## List the sections that are newer in one language; SUMMARY=FILE adds a Markdown table
	$(RUN) -m bookwright parity $(if $(SUMMARY),--summary "$(SUMMARY)")

links: book ## List the links that leave the site; those within it must lead somewhere
	$(RUN) -m bookwright links

html-check: book ## Every page through the W3C's HTML checker (needs Java and npm)
	$(RUN) -m bookwright html-check

lint: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(RUN) -m bookwright spelling

# What the workflows in .github/ call, beside the targets above.
lint-workflows: .venv/ready ## Lint the workflows; with GH_TOKEN, ask GitHub about their actions, too
	$(RUN) -m bookwright workflows $(if $(REPORT),--report "$(REPORT)")

cache-key: .venv/ready ## The name under which CI keeps the runs of the pages
	$(RUN) -m bookwright cache-key

changes: .venv/ready ## Which pages differ from those of another built site: make changes OLD=folder
	$(RUN) -m bookwright changes "$(OLD)"

elsewhere: .venv/ready ## Do the claims hold under other threads and instructions? CONDITIONS="..." PAGES="..."
	$(RUN) -m bookwright elsewhere $(if $(CONDITIONS),--conditions $(CONDITIONS)) $(if $(PAGES),--pages $(PAGES))

replicate: .venv/ready ## Measure claims with fresh seeds: PAGES="..." SEEDS=40 MINUTES=60 CONDITION=onednn-avx2
	$(RUN) -m bookwright replicate $(if $(PAGES),--pages $(PAGES)) $(if $(SEEDS),--seeds $(SEEDS)) \
		$(if $(MINUTES),--minutes $(MINUTES)) $(if $(CONDITION),--condition $(CONDITION))

worker: .venv/ready ## Lend this machine's cores to a build elsewhere: make worker SCHEDULER=tls://host:8786
	$(RUN) -m bookwright worker "$(SCHEDULER)"

newest: .venv/ready ## Do the pages hold with the newest packages that pyproject.toml allows?
	$(RUN) -m bookwright conditions newest

colab: .venv/ready ## Do they hold with what Colab has installed?
	$(RUN) -m bookwright conditions colab $(if $(FREEZE),--freeze "$(FREEZE)")

external-links: .venv/ready ## Do the links that lead out of the site still work? make external-links SITE=folder
	$(RUN) -c "import pathlib; pathlib.Path('_build').mkdir(exist_ok=True); pathlib.Path('_build/links.held').unlink(missing_ok=True)"
	$(BIN)/uv pip install --quiet --require-hashes --no-deps --only-binary :all: --target _build/lychee \
		--requirements .github/lychee.txt
	_build/lychee/bin/lychee --config .github/lychee.toml --format markdown \
		--output _build/links.md --extensions html,md "$(or $(SITE),_build/html)" ./*.md
	$(RUN) -c "import pathlib; pathlib.Path('_build/links.held').touch()"

issue: ## Opens, adds to or closes the issue about what CI has tried: make issue TITLE=... REPORT=file.md
	$(PYTHON) .github/scripts/issue.py "$(TITLE)" --report "$(REPORT)" --held "$(basename $(REPORT)).held"

propose: ## Proposes pools that CI has measured, as a pull request: make propose FRESH=folder
	$(PYTHON) .github/scripts/propose.py "$(FRESH)"

bench: .venv/ready ## The benchmarks, each going on where it was stopped: make bench ONLY="chapters today" FRESH=1
	$(RUN) -m benchmarks $(call given,ONLY) $(if $(filter-out 0,$(FRESH)),--fresh)

publish: ## Puts the built site in _build/html on the branch that Pages, Colab and Binder take it from
	$(PYTHON) .github/scripts/publish.py _build/html --branch "$(or $(BRANCH),gh-pages)"

lock: .venv/ready ## Regenerate requirements.txt and the other lock files from the ranges they are made of
	$(LOCK) pyproject.toml bookwright/pyproject.toml --extra dev --output-file requirements.txt
	$(LOCK) .github/lychee.in --output-file .github/lychee.txt
	for side in benchmarks/programs/*/requirements.in; do \
		$(LOCK) "$$side" --output-file "$${side%.in}.txt" || exit; done

clean:
	$(PYTHON) -c "import shutil; [shutil.rmtree(d, ignore_errors=True) for d in ('_build',)]"

# Its own Python says whether the environment is whole and lies where it was made, each time: folders
# are moved and copied, Pythons are replaced. $(PYTHON) need be there only to make it.
whole = $(if $(wildcard $(RUN)),$(filter whole,$(shell $(RUN) -m bookwright.environment --whole 2>&1 || exit 0)))
need_python = $(if $(filter 3.11.% 3.12.% 3.13.%,$1),,$(error \
	Python 3.11, 3.12 or 3.13 is needed, $(PYTHON) is: $1. Name another one with: make PYTHON=python3.12))
.venv/ready: FORCE
	$(if $(whole),,$(call need_python,$(shell $(PYTHON) --version 2>&1 || exit 0))$(PYTHON) -m bookwright.environment)

FORCE:
