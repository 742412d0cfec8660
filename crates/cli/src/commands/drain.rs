//! `countersign drain`.

use countersign::Result;

use crate::args::{DrainArgs, Global};
use crate::bulk::{self, Job};
use crate::report::Report;

pub(super) async fn run(global: &Global, args: DrainArgs) -> Result<Report> {
    bulk::run(global, &args.into(), None, Job::Drain).await
}
