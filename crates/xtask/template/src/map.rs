//! Converts our requests to Acme's, and Acme's answers to ours. Pure functions.
