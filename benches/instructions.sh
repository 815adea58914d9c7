#!/bin/sh
# Instructions per frame of the extraction of one committed clip: repeatable on a given machine, whatever else it is doing.
# A report to compare before and after a change, never a pass or fail.
#
#     benches/instructions.sh            needs valgrind
set -eu
cd "$(dirname "$0")/.."
clip=assets/speech/03a02Wc.flac
cargo build --release --quiet
count() { # of `ser ARGUMENTS`
    valgrind --tool=callgrind --callgrind-out-file=/dev/null target/release/ser "$@" 2>&1 >/dev/null |
        awk '/Collected/ { print $4 }'
}
start=$(count --version)
functionals=$(count extract "$clip" --threads 1)
descriptors=$(count extract "$clip" --threads 1 --level lld)
frames=$(target/release/ser extract "$clip" --level lld --quiet | awk 'END { print NR - 2 }')
echo "clip              $clip, $frames frames of 60 ms"
echo "start of process  $start instructions"
echo "functionals       $functionals instructions, $(((functionals - start) / frames)) per frame, decoding and planning included"
echo "descriptors       $descriptors instructions, $(((descriptors - start) / frames)) per frame"
