//! Any bytes as a model file, of `ser train` and of the bundled kind; one that is read can be written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use ser_models::classify::Classifier;
use ser_models::model::file::Saved;

fuzz_target!(|data: &[u8]| {
    if let Ok(saved) = Saved::from_bytes(data) {
        let bytes = saved.to_bytes().unwrap();
        assert!(Saved::from_bytes(&bytes).is_ok());
    }
    if let Ok(classifier) = Classifier::from_bytes(data) {
        let bytes = classifier.to_bytes().unwrap();
        assert!(Classifier::from_bytes(&bytes).is_ok());
    }
});
