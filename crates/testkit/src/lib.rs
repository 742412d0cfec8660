//! Test doubles for Countersign and its adapters.
