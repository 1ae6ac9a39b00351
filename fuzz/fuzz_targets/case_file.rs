//! The reader of case files: what is read is written and read again as the same.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use proofhouse::case::Case;

fuzz_target!(|data: &[u8]| -> Corpus {
    match Case::from_json(data) {
        Err(error) => {
            assert!(!error.to_string().is_empty());
            Corpus::Keep
        }
        Ok(case) => {
            let text = case.to_json();
            match Case::from_json(text.as_bytes()) {
                Ok(again) => assert_eq!(case, again, "it does not read back as it was written"),
                Err(error) => panic!("what was written cannot be read: {error}"),
            }
            assert_eq!(
                case.digest(),
                Case::from_json(text.as_bytes()).map(|case| case.digest()).unwrap_or_default()
            );
            Corpus::Keep
        }
    }
});
