//! Words with a meaning of their own.

use countersign::AuthenticationMethod;

/// How the application identified the signer. Vendors have more words than we name, hence `other:`; a word without it
/// is checked, so that a slip does not end up in a certificate of completion.
pub(super) fn authentication_method(text: &str) -> Result<AuthenticationMethod, String> {
    let plain = text.to_ascii_lowercase().replace(['-', '_'], "");
    match plain.as_str() {
        "none" => Ok(AuthenticationMethod::None),
        "email" => Ok(AuthenticationMethod::Email),
        "password" => Ok(AuthenticationMethod::Password),
        "sso" | "singlesignon" => Ok(AuthenticationMethod::SingleSignOn),
        "biometric" => Ok(AuthenticationMethod::Biometric),
        "knowledge" | "knowledgebased" => Ok(AuthenticationMethod::KnowledgeBased),
        "paper" | "paperdocuments" => Ok(AuthenticationMethod::PaperDocuments),
        "certificate" => Ok(AuthenticationMethod::Certificate),
        _ => match text.split_once(':') {
            Some(("other", word)) if !word.trim().is_empty() => Ok(AuthenticationMethod::Other(word.to_owned())),
            _ => Err("is not known; expected none, email, password, sso, biometric, knowledge, paper, certificate, \
                      or other:WORD in the vendor's word"
                .to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_in_any_spelling_and_other_words_on_request() {
        assert_eq!(authentication_method("SSO"), Ok(AuthenticationMethod::SingleSignOn));
        assert_eq!(authentication_method("single-sign-on"), Ok(AuthenticationMethod::SingleSignOn));
        assert_eq!(
            authentication_method("other:Kerberos"),
            Ok(AuthenticationMethod::Other("Kerberos".into()))
        );
        assert!(authentication_method("Kerberos").is_err());
        assert!(authentication_method("other:").is_err());
    }
}
