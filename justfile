# Each recipe is one command that a person could type.

# Lists the recipes.
default:
    @just --list --unsorted

# Attacks the embedded range with its default defects.
demo:
    cargo run --release -- run --time 30s

# Attacks the hardened range: must end with exit code 0.
hardened:
    cargo run --release -- run --time 30s --defect none

# Runs every test.
test:
    cargo test --release --all-features

# Attacks the range with each group of defects, and hardened, in process and over sockets.
matrix:
    cargo test --release -p proofhouse --all-features --test matrix

# Proves every check, or those that are named, and writes docs/proof.md: some 40 minutes for all, a few for one.
proof *CHECK:
    tools/proof {{ CHECK }}

# Writes docs/gallery.md from real runs.
gallery:
    cargo build --release -p proofhouse-cli && tools/gallery

# Looks for each bug that the examples plant, with twenty seeds.
examples:
    cargo test -p example-axum -p example-actix -p example-tower -p example-model -- --ignored twenty_seeds

# Prints what 2,000 judged cases cost in a test of the default profile.
embedded-speed:
    cargo test -p example-axum --test speed -- --ignored --nocapture

# Prints how many crates a user of the library gets with its default features.
tree:
    cargo tree -p proofhouse -e normal --prefix none | sed 's| (.*||' | sort -u | grep -c ' v'

# Formats the code.
fmt:
    cargo fmt --all

# Lints: format, clippy, documentation.
lint:
    cargo fmt --all --check && cargo clippy --release --workspace --all-targets --all-features -- -D warnings && RUSTDOCFLAGS="-D warnings" cargo doc --release --workspace --all-features --no-deps --document-private-items

# Writes the files that are made from the code.
generate:
    cargo run --release -p proofhouse --all-features --example generate

# Loads every document of the npm package @readme/oas-examples, and validates generated bodies with another validator.
surfaces:
    tools/surfaces

# How much of real servers is reached, which are installed from package registries.
reach *SERVER:
    tools/reach {{ SERVER }}

# Fuzzes a target with the stable toolchain; `just fuzz deep -- -max_total_time=60` hands flags to libFuzzer.
fuzz TARGET *ARGUMENTS:
    tools/fuzz {{ TARGET }} {{ ARGUMENTS }}

# Fuzzes every target for a few seconds, after the inputs that are committed.
fuzz-all SECONDS="10":
    tools/fuzz --all --seconds {{ SECONDS }}

# One target under the address sanitizer, for services with code that is not safe (needs nightly and cargo-fuzz).
fuzz-asan TARGET *FLAGS:
    PROOFHOUSE_INSTRUMENT="$(tools/fuzz --crates {{ TARGET }})" RUSTC_WRAPPER="$PWD/tools/instrument" \
        cargo +nightly fuzz run --sanitizer address {{ TARGET }} -- $(tools/fuzz --flags {{ TARGET }}) {{ FLAGS }}

# Measures what guidance is worth: some 20 minutes.
deep *FLAGS:
    tools/deep {{ FLAGS }}

# Measures the fuzz targets beside one that is written by hand.
fuzz-speed *FLAGS:
    tools/fuzz-speed {{ FLAGS }}

# Runs the benchmarks; `just bench wire` runs one.
bench *NAME:
    cargo bench -p proofhouse-bench {{ if NAME == "" { "" } else { "--bench " + NAME } }}

# Measures a whole campaign beside wrk and a server that does nothing (needs wrk).
speed:
    tools/speed

# Serves the hardened range; `just range --defect ID` builds a defect in.
range *FLAGS:
    cargo run --release -- range {{ FLAGS }}

# Checks licences, advisories and sources of the dependencies (needs cargo-deny).
deny:
    cargo deny check

# Builds a small binary for handing out.
dist:
    cargo build --profile dist -p proofhouse-cli

# All that must pass before a merge.
ci:
    .ci/run
