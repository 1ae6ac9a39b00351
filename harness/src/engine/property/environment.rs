//! What the environment says of a test: the one place that reads it.
//!
//! | variable | what it does |
//! | --- | --- |
//! | `PROOFHOUSE_SEED` | takes the place of the test's seed |
//! | `PROOFHOUSE_CASES` | takes the place of its number of cases |
//! | `PROOFHOUSE_TIME` | bounds its time, such as `10m`; unless the number of cases is given too, that is unbounded then |
//! | `PROOFHOUSE_REPLAY` | sends the case in this file and nothing else |
//! | `PROOFHOUSE_FUZZ_ABORT` | `1`: a fuzz target ends with the first finding, as services that run fuzzers expect |
//! | `PROOFHOUSE_FUZZ_TWICE` | `1`: a fuzz target runs each input twice, and tells what is not answered alike |
//! | `PROOFHOUSE_FUZZ_UNGUIDED` | `1`: a fuzz target tells the fuzzer nothing, and nothing is kept, to compare with |

use std::path::{Path, PathBuf};
use std::time::Duration;

/// What the environment says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Environment {
    pub(super) seed: Option<u64>,
    pub(super) cases: Option<u64>,
    pub(super) time: Option<Duration>,
    pub(super) replay: Option<PathBuf>,
    /// A fuzz target ends with the first finding.
    pub(super) fuzz_abort: bool,
    /// A fuzz target runs each input twice.
    pub(super) fuzz_twice: bool,
    /// A fuzz target tells the fuzzer nothing.
    pub(super) fuzz_unguided: bool,
    /// The folder of the package that is tested.
    pub(super) manifest: PathBuf,
    /// The name of the test, where a runner tells it.
    pub(super) test: Option<String>,
}

impl Environment {
    /// Reads it. Errors name the variable and what to write.
    #[expect(clippy::disallowed_methods, reason = "this module owns the environment of tests")]
    pub(super) fn read() -> Result<Self, String> {
        Self::of(&|name| std::env::var(name).ok())
    }

    fn of(read: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        // An empty variable is how shells and CI say that there is none.
        let get = |name: &str| read(name).filter(|value| !value.trim().is_empty());
        let number = |name: &str| match get(name) {
            None => Ok(None),
            Some(text) => {
                let number = text.trim().replace('_', "").parse::<u64>();
                number.map(Some).map_err(|_| format!("{name}={text:?} is no number, such as 1 or 2_000"))
            }
        };
        let flag = |name: &str| match get(name).as_deref().map(str::trim) {
            None | Some("0") => Ok(false),
            Some("1") => Ok(true),
            Some(text) => Err(format!("{name}={text:?} is neither 1 nor 0")),
        };
        let cases = number("PROOFHOUSE_CASES")?;
        if cases == Some(0) {
            return Err("PROOFHOUSE_CASES=0: without a case nothing is proven".to_owned());
        }
        let time = get("PROOFHOUSE_TIME").map(|text| {
            let parsed = crate::duration::millis(&text).map(Duration::from_millis);
            parsed.map_err(|error| format!("PROOFHOUSE_TIME={text:?}: {error}"))
        });
        Ok(Self {
            seed: number("PROOFHOUSE_SEED")?,
            cases,
            time: time.transpose()?,
            fuzz_abort: flag("PROOFHOUSE_FUZZ_ABORT")?,
            fuzz_twice: flag("PROOFHOUSE_FUZZ_TWICE")?,
            fuzz_unguided: flag("PROOFHOUSE_FUZZ_UNGUIDED")?,
            replay: get("PROOFHOUSE_REPLAY").map(PathBuf::from),
            manifest: get("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from),
            test: get("NEXTEST_TEST_NAME"),
        })
    }

    /// A file as people name it: from where they stand, from the package, or from the test's corpora.
    pub(super) fn find(&self, file: &Path, corpora: Option<&Path>) -> PathBuf {
        let mut places = vec![file.to_owned(), self.manifest.join(file)];
        places.extend(corpora.map(|corpora| corpora.join(file)));
        places.iter().find(|place| place.is_file()).unwrap_or(&places[0]).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Environment, String> {
        let find =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        Environment::of(&find)
    }

    #[test]
    fn variables_are_read_and_empty_ones_are_none() {
        let read = read(&[
            ("PROOFHOUSE_SEED", "7"),
            ("PROOFHOUSE_CASES", "20_000"),
            ("PROOFHOUSE_TIME", "10m"),
            ("PROOFHOUSE_REPLAY", ""),
            ("CARGO_MANIFEST_DIR", "/srv/app"),
        ])
        .expect("readable");
        assert_eq!(
            (read.seed, read.cases, read.time),
            (Some(7), Some(20_000), Some(Duration::from_secs(600)))
        );
        assert_eq!((read.replay, read.manifest), (None, PathBuf::from("/srv/app")));
    }

    #[test]
    fn errors_name_the_variable_and_the_mend() {
        for (name, value, mend) in [
            ("PROOFHOUSE_SEED", "one", "is no number"),
            ("PROOFHOUSE_FUZZ_ABORT", "yes", "neither 1 nor 0"),
            ("PROOFHOUSE_CASES", "-3", "is no number"),
            ("PROOFHOUSE_CASES", "0", "nothing is proven"),
            ("PROOFHOUSE_TIME", "soon", "PROOFHOUSE_TIME=\"soon\""),
        ] {
            let error = read(&[(name, value)]).expect_err(value);
            assert!(error.contains(name) && error.contains(mend), "{error}");
        }
    }
}
