//! The built command, run as people and scripts run it, against a sandbox in this process.

mod access_code;
mod accounts;
mod play;
mod recipients;
mod resend;
mod support;
mod tools;
mod view;
