#!/usr/bin/env bash
# The cloud tests, from a bare machine: installs what is missing, then deploys to an emulator of AWS.
set -euo pipefail
cd "$(dirname "$0")/../.."

packages=()
command -v haproxy >/dev/null || packages+=(haproxy)
command -v openssl >/dev/null || packages+=(openssl)
command -v shellcheck >/dev/null || packages+=(shellcheck)
python3 -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
if [ "${#packages[@]}" -gt 0 ]; then
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi

# The list of packages is kept beside the environment it made: another list makes it anew.
requirements=test/cloud/requirements.txt
if ! cmp -s "$requirements" .cache/venv/requirements.txt; then
  rm -rf .cache/venv
  python3 -m venv .cache/venv
  .cache/venv/bin/pip install --quiet --disable-pip-version-check -r "$requirements"
  cp "$requirements" .cache/venv/requirements.txt
fi

# The pinned versions of the SDK run on Node 20; its advice to upgrade is no result of a test.
export AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true
npm run --silent build
# Arguments go to `node --test`; a file among them is run in place of all.
files=(test/cloud/*.test.ts)
for argument in "$@"; do
  [[ $argument != *.test.ts ]] || files=()
done
node --import tsx --test --test-reporter=spec "$@" "${files[@]}"
