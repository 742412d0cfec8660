//! Countersign adapter for DocuSign eSignature v2.1.
