# Two commands: `make tour` shows Palpate, `make test` checks it. README spells out what they
# run for people without make.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check -qq

.PHONY: tour test install develop lock clean

tour: $(VENV)/.installed
	$(BIN)/palpate tour --out tour.mp4

test: $(VENV)/.developed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

install: $(VENV)/.installed
develop: $(VENV)/.developed

# The lock files pin every package; --no-deps keeps pip to them (and mujoco, which myo-sim asks
# for and Palpate never imports, out of the environment).
$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "installing Palpate into $(VENV) (a few minutes the first time)"
	@$(PIP) install --no-deps -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.developed: requirements-test.lock pyproject.toml | $(BIN)/python
	@echo "installing Palpate and its test tools into $(VENV) (a few minutes the first time)"
	@$(PIP) install --no-deps -r requirements-test.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(None if v >= (3, 11) else \
	  f"Python 3.11 or newer is required, $(PYTHON) is {v[0]}.{v[1]}: run make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)

# Pins for every platform and Python from 3.11 on. uv only writes the files; installing needs pip.
UNUSED := mujoco absl-py etils glfw pyopengl importlib-resources websockets
# Only Dask, a test tool here, needs fsspec and zipp.
COMPILE = $(BIN)/python -m uv pip compile -q --universal --python-version 3.11 --no-header \
  --no-annotate --upgrade $(addprefix --no-emit-package ,$(UNUSED)) pyproject.toml requirements.in

lock: | $(BIN)/python
	$(PIP) install uv
	$(COMPILE) --extra test -o requirements-test.lock
	$(COMPILE) --extra window -c requirements-test.lock -o requirements.lock \
	  $(addprefix --no-emit-package ,fsspec zipp)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info tour.mp4 tour.vtt
