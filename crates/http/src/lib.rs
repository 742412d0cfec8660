//! The network transport of Countersign, over reqwest.
