#!/usr/bin/env bash
# Property tests of `ser serve` against its own description, for as many seconds as given: no answer may be a 500 or differ from /openapi.json.
#
#   bindings/web/http.sh target/release/ser 600
set -euo pipefail
program=$(realpath "$1")
folder=$(mktemp -d)
log=$folder/log
"$program" serve --port 0 >"$log" & server=$!
trap 'kill $server; rm -rf "$folder"' EXIT
# What schemathesis remembers of its runs stays there, too.
cd "$folder"
until grep -q http "$log"; do sleep 0.1; done
url=$(grep -o 'http://[^ ]*' "$log")
end=$((SECONDS + $2)) seed=0
while [ $SECONDS -lt $end ]; do
  seed=$((seed + 1))
  timeout $((end - SECONDS + 5)) schemathesis run "${url}openapi.json" --url "$url" --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance --seed $seed --max-examples 200 || { code=$?; [ $code = 124 ] || exit $code; }
done
echo "http.sh: $seed runs in $2 s"
