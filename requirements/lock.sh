#!/bin/sh
# Resolves requirements/*.in to hash-pinned files. `--universal` and the version make the
# locks those of every platform and of Python 3.11.2 too, not of the machine that runs this.
set -eu
cd "$(dirname "$0")"
compile() {
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-header --output-file "$2" "$1" $3
}
compile dev.in dev.txt ""
for service in catalog inventory customer collect associate gateway; do
  compile "$service.in" "$service.txt" "--constraint dev.txt"
done
