//! Countersign adapter for BoldSign v1.
