#!/usr/bin/env bash
# Builds what a release carries into dist/: static Linux binaries, a Debian package, manual pages, completions and checksums.
#
#   packaging/release.sh             what this machine can build; each part that cannot be built is named, with its remedy
#
# Needs cargo; for static binaries `pip install ziglang cargo-zigbuild` and `rustup target add x86_64-unknown-linux-musl aarch64-unknown-linux-musl`;
# for the Debian package `cargo install cargo-deb`. The wheel and the browser's package have builds of their own (bindings/).
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
rm -rf dist
mkdir -p dist
skipped() { echo "skipped: $1" >&2; }

cargo build --release --bin ser
target=${CARGO_TARGET_DIR:-target}
"$target/release/ser" generate man -o dist/man
for shell in bash zsh fish powershell; do
  "$target/release/ser" generate "complete-$shell" -o "dist/ser.$shell"
done

archive() { # name, program
  local folder="dist/ser-$version-$1"
  mkdir -p "$folder"
  cp "$2" README.md LICENSE-MIT LICENSE-APACHE assets/MODEL_CARD.md "$folder"
  cp -r dist/man "$folder/man"
  tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C dist -cf - "ser-$version-$1" | gzip -9n > "$folder.tar.gz"
  rm -r "$folder"
}

archive "$(rustc -vV | sed -n 's/^host: //p')" "$target/release/ser"
for processor in x86_64 aarch64; do
  triple=$processor-unknown-linux-musl
  if ! command -v cargo-zigbuild > /dev/null; then
    skipped "$triple: pip install ziglang cargo-zigbuild"
  elif cargo zigbuild --release --bin ser --target "$triple"; then
    archive "$triple" "$target/$triple/release/ser"
  else
    skipped "$triple: rustup target add $triple"
  fi
done

if command -v cargo-deb > /dev/null; then
  cargo deb --no-build --output dist
else
  skipped "Debian package: cargo install cargo-deb"
fi
(cd dist && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\n' | sort | xargs sha256sum > SHA256SUMS)
cat dist/SHA256SUMS
