#!/usr/bin/env bash
# Builds what a release carries into dist/: static Linux binaries in archives and Debian packages (x86-64 and aarch64), the Python wheel, the npm package of
# the browser's module, manual pages, completions and checksums. A part that cannot be built is named, with its remedy; the others go on.
#
#   packaging/release.sh [--install] [PART ...]      parts: static deb wheel web; all of them without one
#
# --install first fetches what is missing (packaging/toolchain, bindings/web/toolchain). The static binaries have all default features, Zstandard's C code
# included: zig compiles and links it. Elsewhere than on Linux, `static` is the program for this machine.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
# The level of the whole (see the profile dist), and that only small functions are copied from one unit into others.
whole=(-C opt-level=3 -C llvm-args=-import-instr-limit=20)
skipped() { echo "release.sh: SKIPPED $1" >&2; }
have() { command -v "$1" >/dev/null; }

install=${1:-}
if [ "$install" = --install ]; then
  shift
  packaging/toolchain "$target/toolchain"
  . "$target/toolchain/env"
fi
parts=" ${*:-static deb wheel web} "
wanted() { [[ $parts == *" $1 "* ]]; }
[ $# -gt 0 ] || rm -rf dist
mkdir -p dist

static() { # triple
  have cargo-zigbuild || { skipped "$1: pip install ziglang cargo-zigbuild"; return 1; }
  (
    extra=()
    if [ -n "${SER_STATIC_ENV:-}" ]; then
      . "$SER_STATIC_ENV"
      extra=("-Zbuild-std=std,panic_unwind")
    fi
    cargo-zigbuild rustc --locked --profile dist --bin ser --target "$1" ${extra[@]+"${extra[@]}"} -- "${whole[@]}"
  ) || { skipped "$1: rustup target add $1"; return 1; }
}

describe() { # program: pages and completions
  rm -rf dist/man
  "$1" generate man -o dist/man
  for shell in bash zsh fish powershell; do "$1" generate "complete-$shell" -o "dist/ser.$shell"; done
}

archive() { # triple, program
  local name="ser-$version-$1"
  mkdir -p "dist/$name/completions"
  cp -r "$2" README.md LICENSE-MIT LICENSE-APACHE assets/MODEL_CARD.md dist/man "dist/$name"
  cp dist/ser.{bash,zsh,fish,powershell} "dist/$name/completions"
  tar --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX --mtime="@$SOURCE_DATE_EPOCH" -C dist -cf - "$name" | gzip -9n >"dist/$name.tar.gz"
  rm -r "dist/${name:?}"
}

triples=()
if [ "$(uname -s)" != Linux ]; then
  if wanted static; then
    cargo rustc --locked --profile dist --bin ser -- "${whole[@]}"
    describe "$target/dist/ser"
    archive "$(rustc -vV | sed -n 's/^host: //p')" "$target/dist/ser"
  fi
elif wanted static || wanted deb; then
  for triple in x86_64-unknown-linux-musl aarch64-unknown-linux-musl; do
    if static "$triple"; then triples+=("$triple"); fi
  done
  for triple in ${triples[@]+"${triples[@]}"}; do
    if [[ $triple == "$(uname -m)"-* ]]; then describe "$target/$triple/dist/ser"; fi
  done
fi

for triple in ${triples[@]+"${triples[@]}"}; do
  if ! [ -d dist/man ]; then skipped "packing of $triple: pages and completions come from the program for this machine"; continue; fi
  if wanted static; then archive "$triple" "$target/$triple/dist/ser"; fi
  if ! wanted deb; then continue; fi
  if have cargo-deb; then
    printf 'ser (%s-1) stable; urgency=medium\n\n  * See CHANGELOG.md of the program.\n\n -- The ser developers <ser@example.org>  %s\n' "$version" "$(date -uRd "@$SOURCE_DATE_EPOCH")" >dist/changelog
    cargo deb --no-build --no-strip --profile dist --target "$triple" --output dist || skipped "Debian package of $triple"
    rm dist/changelog
  else
    skipped "Debian package of $triple: cargo install cargo-deb"
  fi
done

if wanted wheel; then
  rm -rf bindings/python/dist
  bindings/python/check --wheel || true
  cp bindings/python/dist/*.whl dist || skipped "the wheel: what bindings/python/check names above"
fi

if wanted web; then
  (
    cd bindings/web
    rm -rf dist
    if [ "$install" = --install ]; then
      ./toolchain "$target/toolchain/web"
      . "$target/toolchain/web/env"
    fi
    ./check --package && [ -d dist/package ] && npm pack --silent --pack-destination ../../dist
  ) || skipped "the web package: what bindings/web/check names above (bindings/web/toolchain fetches it)"
fi

cd dist
find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\n' | sort | xargs -r sha256sum >SHA256SUMS
cat SHA256SUMS
