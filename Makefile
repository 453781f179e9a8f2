# Everything a person needs to do with MotCua. `make help` lists it.
SHELL := /bin/sh
PY := .venv/bin/python
DEV := .venv-dev/bin
export PYTHONPATH := .
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Rasa asks nobody and tells nobody; TensorFlow keeps its start-up remarks to itself.
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev setup-clients train run test check fmt talk shell nlu browser faults bench \
	simulator worker lock clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: ## Make the environment with Python 3.10 and the locked packages
	@scripts/setup.sh

setup-dev:
	@scripts/setup.sh dev

setup-clients:
	@scripts/setup.sh clients

train: setup ## Train the language model, if the language data changed
	@$(PY) -m bot.nlu.train

run: setup ## Install, build, train what is missing, start everything, print the address
	@exec $(PY) -m bot.launch

test: setup setup-clients ## Run all fast tests
	@$(PY) -m bot.nlu.train
	@$(PY) -m pytest $(ARGS)

check: setup setup-dev ## Lint, types, import rules, language data
	@$(DEV)/ruff format --check bot actions tests server.py gunicorn.conf.py
	@$(DEV)/ruff check bot actions tests server.py gunicorn.conf.py
	@$(DEV)/mypy --python-executable $(PY) bot actions server.py
	@$(DEV)/lint-imports --no-cache
	@$(PY) -m rasa data validate --data data/nlu --domain data/nlu

fmt: setup-dev ## Format the code
	@$(DEV)/ruff format bot actions tests server.py gunicorn.conf.py
	@$(DEV)/ruff check --fix bot actions tests server.py gunicorn.conf.py

talk: setup train ## Run the written conversations through the whole desk
	@$(PY) -m pytest tests/conversations $(ARGS)

shell: setup train ## Talk to the trained model in the terminal (rasa shell)
	@$(PY) -m bot.launch --shell

nlu: setup train ## Measure understanding on phrases nobody trained on
	@$(PY) -m bot.nlu.evaluate tests/nlu/phrases.csv tests/nlu/second_author.csv \
		--write docs/benchmarks.md $(ARGS)

browser: setup train ## Run the browser tests (Debian's chromium)
	@$(PY) -m pytest tests/browser --browser $(ARGS)

faults: setup train ## Kill processes at seeded moments and count what was lost or doubled
	@$(PY) -m pytest tests/faults --faults $(ARGS)

bench: setup train ## Compare with stock Rasa in one run
	@$(PY) -m tests.benchmarks.conversations $(ARGS)

simulator: setup ## Start the platform simulator with a page to chat by hand
	@$(PY) -m tests.simulator $(ARGS)

worker: setup ## Start one more worker
	@$(PY) -m bot.worker

lock: ## Lock the packages again (needs uv)
	@uv pip compile --python-version 3.10 --generate-hashes --no-header --quiet \
		requirements.in -o requirements.txt
	@uv pip compile --python-version 3.10 --generate-hashes --no-header --quiet \
		requirements-dev.in -o requirements-dev.txt
	@uv pip compile --python-version 3.10 --generate-hashes --no-header --quiet \
		requirements-clients.in -o requirements-clients.txt

clean: ## Remove everything made here, except your data in var/
	@rm -rf .venv .venv-dev .venv-clients models .pytest_cache .mypy_cache .ruff_cache
