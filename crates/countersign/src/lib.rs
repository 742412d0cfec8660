//! One interface over e-signature vendors.
