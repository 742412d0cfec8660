//! From our requests to Acme's, and from Acme's answers to ours. Pure functions: nothing is sent here.
