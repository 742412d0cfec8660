//! `countersign explain`.

use countersign::{Error, ErrorKind, Result};
use serde::Serialize;

use crate::explain::{self, Code, Kind};
use crate::render::{explained, table};
use crate::report::Report;

#[derive(Serialize)]
struct Everything {
    kinds: Vec<Kind>,
    codes: Vec<Code>,
}

pub(super) fn run(word: Option<&str>) -> Result<Report> {
    let vendors = countersign::vendors();
    let Some(word) = word else {
        let everything = Everything { kinds: explain::kinds(), codes: explain::codes(vendors) };
        let text = explained::all(&everything.kinds, &everything.codes, table::width());
        return Ok(Report::new(text, &everything));
    };
    match explain::look_up(vendors, word) {
        Ok(explanation) => Ok(Report::new(explained::found(&explanation), &explanation)),
        Err(near) => {
            let hint = if near.is_empty() {
                "`countersign explain` lists all kinds and codes".to_owned()
            } else {
                format!("near: {}; `countersign explain` lists all", near.join(", "))
            };
            let message = format!("neither a kind nor a code of any vendor is called `{word}`");
            Err(Error::new(ErrorKind::InvalidRequest, message).with_hint(hint))
        }
    }
}
