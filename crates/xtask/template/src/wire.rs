//! Acme's JSON, field for field: only the fields that are used, every enumeration open, no logic.
