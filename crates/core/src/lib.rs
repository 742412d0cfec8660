//! The trait, types and error of Countersign; no runtime, no HTTP client, no vendor.
