//! What checks and migrations of a durable store report.

/// What a migration did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// The schema steps that the database had before; 0 for a new one.
    pub before: usize,
    /// The steps that it has now.
    pub now: usize,
}

/// What a check found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Check {
    /// The schema steps that the database has.
    pub schema: usize,
    /// The schema steps of this version. A database that has fewer is to be migrated.
    pub newest: usize,
    /// The keys of scopes.
    pub keys: usize,
    /// How many of them the first key of the vault does not wrap.
    pub to_rewrap: usize,
    /// The calls under a key, whatever their state.
    pub calls: u64,
    /// The calls whose outcome is unknown.
    pub unresolved: u64,
    /// What is wrong; empty if all is well.
    pub problems: Vec<String>,
}
