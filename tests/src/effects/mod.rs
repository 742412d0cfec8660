//! Whether an error's outcome is true: every operation, with every fault, at every step, at each vendor, and what
//! the sandbox's world shows afterwards.

mod cell;
mod fault;
mod job;
mod seen;
mod step;
mod table;
mod verdict;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use countersign::transport::{HttpTransport, Transport};

use crate::Stage;

pub use cell::{Cell, Row};
pub use fault::{Fault, faults};
pub use job::{Done, Job, Prepared};
pub use seen::{Code, Seen, look, mails};
pub use step::Step;
pub use table::table;
pub use verdict::{Repeated, judge};

/// How many cells of one vendor run at a time. Each has a sandbox of its own while it runs, since a fault at a
/// sandbox applies to the next call.
const LANES: usize = 8;

/// Runs every cell at every vendor.
///
/// # Errors
/// When a sandbox cannot start.
pub async fn run_all() -> Result<Vec<Row>, Box<dyn std::error::Error>> {
    let transport: Arc<dyn Transport> = Arc::new(HttpTransport::default());
    let mut cells: BTreeMap<&str, Arc<Cells>> = BTreeMap::new();
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..LANES {
        for stage in crate::stages().await? {
            let of_vendor = cells.entry(stage.name).or_insert_with(|| {
                // Taken from the end.
                Arc::new(Mutex::new(Cell::all(stage.name).into_iter().enumerate().rev().collect()))
            });
            running.spawn(lane(stage, Arc::clone(of_vendor), Arc::clone(&transport)));
        }
    }
    let mut rows = Vec::new();
    while let Some(lane) = running.join_next().await {
        rows.extend(lane?);
    }
    rows.sort_by_key(|(number, row)| (row.cell.vendor, *number));
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// The cells of one vendor that no lane has taken yet, with their numbers.
type Cells = Mutex<Vec<(usize, Cell)>>;

/// Works off the cells of one vendor, together with the other lanes of that vendor.
async fn lane(stage: Stage, cells: Arc<Cells>, transport: Arc<dyn Transport>) -> Vec<(usize, Row)> {
    // The suite is about faults, not about the published limits.
    stage.world.change_settings(|settings| settings.limit_calls(u32::MAX));
    let stage = Arc::new(stage);
    let mut rows = Vec::new();
    loop {
        let next = cells.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some((number, cell)) = next else { return rows };
        rows.push((number, cell.run(&stage, &transport).await));
    }
}
