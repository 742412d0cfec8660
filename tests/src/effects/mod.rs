//! Whether an error's outcome is true: every operation, with every fault, at every step, at each vendor, and what
//! the sandbox's world shows afterwards.

mod cell;
mod fault;
mod job;
mod seen;
mod step;
mod table;
mod verdict;

use std::sync::{Arc, Mutex, PoisonError};

use countersign::transport::{HttpTransport, Transport};

use crate::Stage;
use cell::Cell;

pub use cell::Row;
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
    let mut lanes = Vec::new();
    for _ in 0..LANES {
        lanes.extend(crate::stages().await?);
    }
    let cells: Arc<Mutex<Vec<(usize, Cell)>>> = Arc::default();
    let mut names: Vec<&'static str> = lanes.iter().map(|stage| stage.name).collect();
    names.dedup();
    names.truncate(lanes.len() / LANES);
    {
        let mut all = cells.lock().unwrap_or_else(PoisonError::into_inner);
        for name in names {
            all.extend(Cell::all(name).into_iter().enumerate());
        }
        // Taken from the end.
        all.reverse();
    }
    let mut running = tokio::task::JoinSet::new();
    for stage in lanes {
        let (cells, transport) = (Arc::clone(&cells), Arc::clone(&transport));
        running.spawn(async move { lane(stage, &cells, &transport).await });
    }
    let mut rows = Vec::new();
    while let Some(lane) = running.join_next().await {
        rows.extend(lane?);
    }
    rows.sort_by_key(|(number, row)| (row.vendor, *number));
    Ok(rows.into_iter().map(|(_, row)| row).collect())
}

/// Works off the cells of one vendor, together with the other lanes of that vendor.
async fn lane(
    stage: Stage,
    cells: &Mutex<Vec<(usize, Cell)>>,
    transport: &Arc<dyn Transport>,
) -> Vec<(usize, Row)> {
    // The suite is about faults, not about the published limits.
    stage.world.change_settings(|settings| settings.limit_calls(u32::MAX));
    let stage = Arc::new(stage);
    let mut rows = Vec::new();
    loop {
        let next = {
            let mut cells = cells.lock().unwrap_or_else(PoisonError::into_inner);
            let at = cells.iter().rposition(|(_, cell)| cell.vendor() == stage.name);
            at.map(|at| cells.remove(at))
        };
        let Some((number, cell)) = next else { return rows };
        rows.push((number, cell.run(&stage, transport).await));
    }
}
