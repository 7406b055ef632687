#!/usr/bin/env bash
# The lock file may name the public package index and nothing else.
set -euo pipefail
others=$(grep -oE 'https?://[^/"]+' uv.lock | sort -u | grep -vxE 'https://(pypi\.org|files\.pythonhosted\.org)' || true)
if [ -n "$others" ]; then
  echo "uv.lock names hosts that exist only in one place: $others"
  exit 1
fi
