//! Checks the signature of Acme's webhooks (`webhook::verify`), and reads their content. The descriptor names the
//! function once it exists.
