//! Returns of browsers: whatever the URL, a hint that is fit to show, and never a return that was not issued here.
#![no_main]

use std::sync::LazyLock;

use countersign::{BaseUrl, vendors};
use countersign::returns::{Destination, ReturnKey, ReturnKeys, ReturnRefused, ReturnRoutes, SigningReturn};
use countersign::secrecy::SecretString;
use countersign_fuzz::{block_on, is_harmless};
use libfuzzer_sys::fuzz_target;

static ROUTES: LazyLock<ReturnRoutes> = LazyLock::new(|| {
    // Short, so that the fuzzer comes upon it and signatures are looked at.
    let key = ReturnKey::new("k1", SecretString::from("a key of the fuzzer that signs nothing")).unwrap();
    let base = BaseUrl::new("https://app.example.com/back").unwrap();
    ReturnRoutes::new(base, ReturnKeys::new(key), Destination::new("/{account}/{envelope}").unwrap())
});

fuzz_target!(|text: &str| {
    for vendor in vendors() {
        let back = SigningReturn::read(vendor, text);
        if let Some(outcome) = &back.outcome {
            assert!(outcome.as_str().chars().count() <= 64, "{outcome}");
            assert!(!outcome.as_str().is_empty());
            is_harmless("an outcome", &outcome.to_string());
        }
        assert_eq!(
            SigningReturn::read(vendor, &format!("{text}#?event=x&documentId=y")),
            back,
            "a fragment was read"
        );
        let message = SigningReturn::message(vendor, text);
        assert_eq!(message.outcome.is_none(), text.trim().is_empty());
        assert_eq!(
            SigningReturn::message(vendor, &text.to_uppercase()).outcome.is_none(),
            message.outcome.is_none()
        );
    }
    match block_on(ROUTES.accept(text)) {
        Ok(accepted) => panic!("accepted, and never issued: {accepted:?}"),
        Err(refused) => {
            let known = matches!(
                refused,
                ReturnRefused::Malformed | ReturnRefused::UnknownKey | ReturnRefused::Forged
            );
            assert!(known, "{refused:?}");
            is_harmless("a refusal", &refused.to_string());
        }
    }
    if let Ok(destination) = Destination::new(text) {
        let scheme = text.to_ascii_lowercase();
        let web = scheme.starts_with("http://") || scheme.starts_with("https://");
        assert!(web || (text.starts_with('/') && !text.starts_with("//")), "{destination:?}");
    }
});
