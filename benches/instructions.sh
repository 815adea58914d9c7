#!/bin/sh
# Instructions of the extraction of one committed clip, and of each stage per frame: repeatable on a given machine, whatever else it
# is doing. A report to compare before and after a change, never a pass or fail.
#
#     benches/instructions.sh            needs valgrind
set -eu
cd "$(dirname "$0")/.."
clip=assets/speech/03a02Wc.flac
cargo build --release --quiet
cargo build --release --quiet --features bench --example stage
count() { # COMMAND...
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" 2>&1 >/dev/null |
        awk '/Collected/ { print $4 }'
}
ser=target/release/ser
start=$(count $ser --version)
functionals=$(count $ser extract "$clip" --threads 1)
descriptors=$(count $ser extract "$clip" --threads 1 --level lld)
frames=$($ser extract "$clip" --level lld --quiet | awk 'END { print NR - 2 }')
echo "clip              $clip, $frames frames of 60 ms"
echo "start of process  $start instructions"
echo "functionals       $functionals instructions, $(((functionals - start) / frames)) per frame, decoding and planning included"
echo "descriptors       $descriptors instructions, $(((descriptors - start) / frames)) per frame"
echo
echo "per frame and stage (voiced speech; without planning)"
stage=target/release/examples/stage
idle=$(count $stage 0 0)
index=0
$stage | while read -r name; do
    all=$(count $stage $index 100)
    printf '%8d  %s\n' $(((all - idle) / 800)) "$name"
    index=$((index + 1))
done
