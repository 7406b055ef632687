#!/usr/bin/env bash
# Unit and replay tests on each newer Python that is installed; the SDK skips some of its own
# replay tests below 3.12, so ours run there too. Downloads no interpreter.
set -euo pipefail
# pyenv keeps interpreters off PATH until a project selects them.
for folder in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/*/bin; do
  PATH="$PATH:$folder"
done
ran=0
for version in 3.12 3.13 3.14; do
  python=$(UV_PYTHON_DOWNLOADS=never .venv/bin/uv python find --no-project "$version" 2>/dev/null) || {
    echo "Python $version is not installed here: skipped."
    continue
  }
  env=".venv-$version"
  UV_PROJECT_ENVIRONMENT="$env" .venv/bin/uv sync --quiet --frozen --all-extras --all-groups --python "$python"
  echo "Python $version:"
  POLARS_MAX_THREADS=1 "$env/bin/python" -m pytest -q -n 2 --dist loadfile tests/unit tests/replay
  ran=$((ran + 1))
done
echo "$ran newer Python(s) tested."
