//! What is rejected before anything is sent because of the recipient or the list, and whether to expect a mail.
//! Plain limits are rows of `vendor.toml`.
