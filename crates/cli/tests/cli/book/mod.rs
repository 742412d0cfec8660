//! The book and the README: what they link to exists, what they show is what the command prints, and the commands they
//! name can be typed. Their examples in Rust are run by `cargo test -p countersign-tests --doc`.

mod blocks;
mod commands;
mod links;
mod pages;
mod sessions;
