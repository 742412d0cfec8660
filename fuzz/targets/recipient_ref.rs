//! The text form of a recipient: what is read is written back so that it reads the same.
#![no_main]

use countersign::RecipientRef;
use countersign_fuzz::is_harmless;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match text.parse::<RecipientRef>() {
        Ok(named) => {
            let written = named.to_string();
            is_harmless("a recipient's name", &written);
            let read: RecipientRef = written.parse().expect("what was written can be read");
            assert_eq!(read.to_string(), written, "{text:?}");
            assert_eq!(std::mem::discriminant(&read), std::mem::discriminant(&named), "{text:?}");
        }
        Err(invalid) => is_harmless("a refusal", &invalid.to_string()),
    }
});
