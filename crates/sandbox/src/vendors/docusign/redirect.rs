//! The way back to the application: the outcome as a query parameter.

use url::Url;

use crate::world::Ending;

/// The return URL with `event=...` added to whatever query it has.
pub(crate) fn return_url(url: &str, ending: Ending) -> String {
    let event = event(ending);
    match Url::parse(url) {
        Ok(mut url) => {
            url.query_pairs_mut().append_pair("event", event);
            url.into()
        }
        Err(_) => format!("{url}?event={event}"),
    }
}

/// The vendor's words (reference of the embedded signing view; the SOAP list for `access_code_failed`).
fn event(ending: Ending) -> &'static str {
    match ending {
        Ending::Signed => "signing_complete",
        Ending::OnlyViewed => "viewing_complete",
        Ending::FinishedLater => "cancel",
        Ending::Declined => "decline",
        Ending::LinkUsedUp => "ttl_expired",
        Ending::SessionTimeout => "session_timeout",
        Ending::CodeFailed => "access_code_failed",
        Ending::IdCheckFailed => "id_check_failed",
        Ending::FaxPending => "fax_pending",
        // No signer can be reassigned here, so this ending does not come up.
        Ending::Exception | Ending::Reassigned => "exception",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_event_joins_an_existing_query_before_the_fragment() {
        let back = return_url("https://app.example/done?order=1#top", Ending::Signed);
        assert_eq!(back, "https://app.example/done?order=1&event=signing_complete#top");
        assert_eq!(return_url("https://app.example", Ending::Declined), "https://app.example/?event=decline");
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_query_was_it_stays_and_the_event_is_last(query in "[a-z0-9=&%+.-]{0,20}") {
            let before = Url::parse(&format!("https://app.example/p?{query}")).unwrap();
            let after = Url::parse(&return_url(before.as_str(), Ending::FinishedLater)).unwrap();
            let mut pairs: Vec<_> = after.query_pairs().collect();
            assert_eq!(pairs.pop(), Some(("event".into(), "cancel".into())));
            assert_eq!(pairs, before.query_pairs().collect::<Vec<_>>());
        }
    }
}
