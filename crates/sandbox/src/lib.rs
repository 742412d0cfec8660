//! Plays e-signature vendors on loopback.
