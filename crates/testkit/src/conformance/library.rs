//! The built-in scenarios, so that adapters elsewhere can use them. The folder is a link to the one in the
//! fixtures, which packaging replaces with a copy.

use super::scenario::Scenario;

macro_rules! library {
    ($($folder:literal: $($name:literal)*;)*) => {
        const FILES: &[(&str, &str, &str)] = &[$($((
            $folder,
            $name,
            include_str!(concat!("../../scenarios/", $folder, "/", $name, ".toml")),
        ),)*)*];
    };
}

library! {
    "create_view": "ambiguous" "assertion" "bad_gateway" "by_client_id" "by_id" "chosen_life"
        "connection_reset" "creating" "declined" "done" "draft" "expired_link" "expired_token" "happy_path"
        "locked" "no_link" "not_embedded" "not_their_turn" "other_account" "rate_limit"
        "recipient_from_list" "renamed" "repeated_signer" "return_query" "similar_recipient" "unicode_names"
        "unknown" "unknown_words" "unlocked_by_code" "unlocked_by_resend" "used_link" "voided";
    "resend_recipient": "answer_lost" "bad_gateway" "bounced" "busy" "daily_limit" "declined" "done" "draft"
        "embedded" "everyone" "everyone_completed" "expired_mail_link" "expired_token"
        "failure_inside_success" "happy_path" "locked" "message" "muted" "muted_allowed" "next_day"
        "not_sent" "not_their_turn" "phone" "rate_limit" "repeated_signer" "similar_recipient" "unknown"
        "unknown_words" "voided";
    "change_access_code": "ambiguous" "bad_gateway" "busy" "completed_since_listed" "creating" "done"
        "expired_token" "failure_inside_success" "happy_path" "locked" "locked_notify" "no_code"
        "not_their_turn" "notify" "notify_daily_limit" "notify_embedded" "notify_timeout" "odd_code"
        "other_account" "rate_limit" "recipient_from_list" "repeated_signer" "timeout" "unicode_names"
        "unknown" "unknown_words" "voided";
    "list_recipients": "bad_gateway" "bounced" "connection_reset" "creating" "declined" "done" "draft"
        "expired" "expired_token" "happy_path" "locked" "not_sent" "odd_envelope_id" "other_account" "page"
        "phone" "rate_limit" "renamed" "repeated_signer" "roles" "sign_in_down" "timeout" "unicode_names"
        "unknown_envelope" "unknown_words" "unlocked_by_code" "unlocked_by_resend" "viewed" "voided"
        "wrong_key";
}

/// Every scenario, by operation and name.
///
/// # Panics
/// Panics if a file is invalid; a test of this crate reads all of them.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    let read = |(folder, name, text): &(&str, &str, &str)| {
        Scenario::parse(folder, name, text).unwrap_or_else(|problem| panic!("{problem}"))
    };
    FILES.iter().map(read).collect()
}
