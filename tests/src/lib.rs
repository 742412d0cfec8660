//! Tests of everything against every adapter.
