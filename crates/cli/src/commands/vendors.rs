//! `countersign vendors`.

use crate::args::VendorsArgs;
use crate::render::matrix::{self, Matrix};
use crate::render::table;
use crate::report::Report;

pub(super) fn run(args: &VendorsArgs) -> Report {
    let vendors = countersign::vendors();
    let text = if args.markdown { matrix::markdown(vendors) } else { matrix::text(vendors, table::width()) };
    Report::new(text, &Matrix::of(vendors))
}
