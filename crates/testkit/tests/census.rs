//! The census sees a vendor that nothing plays, and features of which nothing is said.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

use std::path::Path;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use countersign_core::vendor::Facts;
use countersign_core::{Descriptor, Error, ErrorKind, Problem, Provider};
use countersign_testkit::conformance::{Backend, Fate, Planned, Scenario, Stage, Suite, scenarios};

const FACTS: &str = r#"
title = "Acme Sign"

[capabilities]
list_recipients = { support = "native", evidence = "documented", source = "docs.example" }
"#;

static VENDOR: Descriptor = Descriptor {
    name: "acme",
    facts: LazyLock::new(|| Facts::load("acme", FACTS)),
    read_problem: |status, _, _| Problem::new(status),
    webhooks: None,
    build: |_| nobody(),
    offline: nobody,
};

fn nobody() -> Result<Arc<dyn Provider>, Error> {
    Err(Error::new(ErrorKind::Config, "not in this test"))
}

/// A backend that is never asked to play.
#[derive(Debug)]
struct Nothing {
    complete: bool,
}

#[async_trait]
impl Backend for Nothing {
    fn name(&self) -> &str {
        "nothing"
    }

    fn complete(&self) -> bool {
        self.complete
    }

    async fn stage(&self, _scenario: &Scenario) -> Result<Stage, String> {
        Err("never".to_owned())
    }
}

fn suite() -> Suite {
    Suite::new(&VENDOR, "", Path::new(env!("CARGO_MANIFEST_DIR")))
}

#[test]
fn a_vendor_that_nothing_plays_is_a_hole_for_each_scenario() {
    for suite in [suite(), suite().backend(Nothing { complete: false })] {
        let holes = suite.plan().into_iter().filter(Planned::fails);
        let holes: Vec<String> =
            holes.inspect(|hole| assert!(suite.play(hole).is_err())).map(|hole| hole.name()).collect();
        assert_eq!(holes.len(), scenarios().len());
        assert!(holes.iter().all(|name| name.starts_with("acme::") && name.ends_with("::none")), "{holes:?}");
    }
}

#[test]
fn what_the_capabilities_do_not_speak_of_is_a_hole_and_no_refusal() {
    let plan = suite().backend(Nothing { complete: true }).plan();
    for planned in plan {
        let lists = planned.scenario.starts_with("list_recipients/");
        match planned.fate {
            Fate::Missing(why) if !lists => assert!(
                why.contains("capabilities") || why.contains("neither an answer"),
                "{}: {why}",
                planned.scenario
            ),
            Fate::Missing(_) | Fate::Runs if lists => {}
            fate => panic!("{}: {fate:?}", planned.scenario),
        }
    }
}
