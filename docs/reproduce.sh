#!/usr/bin/env bash
# Makes the tables of the documents again, from the corpora to the numbers, and writes them between their markers:
#
#   docs/reproduce.sh CORPORA [WORK]
#
# CORPORA holds emodb, crema-d and ravdess (docs/corpora.md says where to get them). WORK keeps the features and results
# [default: target/reproduce]; what is there already is not computed again, so delete it to start anew. The binary is target/release/ser, or $SER.
# With LEAVE_CORPUS_OUT=1 also the table of corpora left out in turn, which takes the recordings and a quarter of an hour.
set -euo pipefail
cd "$(dirname "$0")/.."
corpora=${1:?usage: docs/reproduce.sh CORPORA [WORK]}
work=${2:-target/reproduce}
ser=${SER:-target/release/ser}
mkdir -p "$work"

[ -e "$work/data/features.csv" ] ||
  "$ser" corpus prepare emodb crema-d ravdess --root "$corpora" --labels four --features -o "$work/data"

evaluate() { # NAME ARGUMENTS…
  local name=$1
  shift
  [ -e "$work/$name.json" ] || "$ser" evaluate "$@" -o "$work/$name.json" > "$work/$name.txt"
}
seeds=1,2,3,4,5,6,7,8,9,10
evaluate paper paper.toml "$work/data" --train crema-d
evaluate emodb "$work/data" --train emodb --protocol paper,leave-one-speaker-out --svc liblinear --c 0.05 --outliers none --seed $seeds
evaluate crema-d "$work/data" --train crema-d --protocol paper,speaker-independent --svc liblinear --c 0.05 --outliers none --seed $seeds
if [ -n "${LEAVE_CORPUS_OUT:-}" ] && [ ! -e "$work/left-out.json" ]; then
  "$ser" evaluate "$work/data" --leave-corpus-out -o "$work/left-out.json" > "$work/left-out.txt"
fi

python3 docs/tables.py "$work" README.md docs/*.md
