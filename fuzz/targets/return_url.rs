//! Web addresses: never longer than the vendors take, never with user info, and stable once read.
#![no_main]

use countersign::{BaseUrl, Origin, ReturnUrl, SigningLink, WebUrl};
use countersign_fuzz::{hides, is_harmless};
use libfuzzer_sys::fuzz_target;

/// A part of a link that no refusal may repeat.
const MARK: &str = "m4rked-link";

fuzz_target!(|text: &str| {
    match ReturnUrl::new(text) {
        Ok(url) => {
            assert!(url.as_str().len() <= ReturnUrl::MAX && url.as_str().is_ascii(), "{url}");
            assert!(url.as_str().starts_with("https://") || url.as_str().starts_with("http://"), "{url}");
            let authority = url.as_str().split(['/', '?', '#']).nth(2).unwrap_or_default();
            assert!(!authority.is_empty() && !authority.contains('@'), "{url}");
            assert_eq!(ReturnUrl::new(url.as_str()).as_ref(), Ok(&url));
            assert_eq!(url.has_query_or_fragment(), url.as_str().contains(['?', '#']), "{url}");
        }
        Err(invalid) => is_harmless("a refusal", &invalid.to_string()),
    }
    if let Ok(url) = WebUrl::new(text) {
        assert_eq!(WebUrl::new(url.as_str()).as_ref(), Ok(&url));
        assert_eq!(url.is_https(), url.as_str().starts_with("https://"));
    }
    if let Ok(origin) = Origin::new(text) {
        assert_eq!(Origin::new(origin.as_str()).as_ref(), Ok(&origin));
    }
    if let Ok(base) = BaseUrl::new(text) {
        assert!(
            !base.as_str().contains(['?', '#', '@'])
                || base.as_str().contains('%')
                || base.url().path().contains('@')
        );
        assert_eq!(
            BaseUrl::new(base.as_str()).map(|again| again.as_str().to_owned()),
            Ok(base.as_str().to_owned())
        );
    }
    match SigningLink::new(text) {
        Ok(link) => {
            assert_eq!(link.expose(), text);
            assert_eq!(format!("{link:?}"), "SigningLink([redacted])");
        }
        Err(invalid) => is_harmless("a refusal", &invalid.to_string()),
    }
    // The input itself may well be a word of the refusal.
    for marked in [format!("{text}{MARK}"), format!("{MARK}{text}"), text.replacen("//", &format!("//{MARK}"), 1)] {
        if let Err(invalid) = SigningLink::new(marked) {
            hides("a refusal", &format!("{invalid} {invalid:?}"), &[MARK]);
        }
    }
});
