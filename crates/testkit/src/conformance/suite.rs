//! All scenarios for one vendor.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use countersign_core::vendor::Capability;
use countersign_core::{Descriptor, Feature, Support};

use super::backend::Backend;
use super::census::{Fate, Planned};
use super::listen::Listener;
use super::request::{call, features};
use super::scenario::{Scenario, scenarios};
use super::trial::play;
use super::vendor::VendorFile;
use super::wire::missing_answer;

/// Compares a text with the stored one of the same name, and panics if they differ.
type Snapshots = Arc<dyn Fn(&Snapshot<'_>) + Send + Sync>;

/// A text to be compared with the stored one.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Snapshot<'t> {
    /// The vendor's short name.
    pub vendor: &'t str,
    /// `operation__scenario`: usable as a file name. The same on every backend.
    pub name: &'t str,
    /// Requests, and the reply or error; without secrets, and the same each time.
    pub text: &'t str,
}

/// The conformance suite for one vendor: every scenario on every backend.
#[derive(Clone)]
#[must_use]
pub struct Suite {
    descriptor: &'static Descriptor,
    vendor: Arc<VendorFile>,
    scenarios: Arc<Vec<Scenario>>,
    backends: Vec<Arc<dyn Backend>>,
    snapshots: Option<Snapshots>,
}

impl fmt::Debug for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Suite")
            .field("vendor", &self.descriptor.name)
            .field("backends", &self.backends)
            .finish_non_exhaustive()
    }
}

impl Suite {
    /// For this vendor, with its own file ([`VendorFile`]); `folder` contains the answers that the file names.
    ///
    /// # Panics
    /// Panics if the file is invalid; the message names the key and the allowed values.
    pub fn new(descriptor: &'static Descriptor, vendor_file: &str, folder: &Path) -> Self {
        let scenarios = scenarios();
        let vendor = VendorFile::parse(vendor_file, folder, &scenarios)
            .unwrap_or_else(|problem| panic!("the conformance file of {}: {problem}", descriptor.name));
        Self {
            descriptor,
            vendor: Arc::new(vendor),
            scenarios: Arc::new(scenarios),
            backends: Vec::new(),
            snapshots: None,
        }
    }

    /// Adds a backend that simulates the vendor.
    pub fn backend(mut self, backend: impl Backend) -> Self {
        self.backends.push(Arc::new(backend));
        self
    }

    /// Compares requests and results with snapshots. The function panics if a text differs, like
    /// `insta::assert_snapshot!`.
    pub fn snapshots(mut self, compare: impl Fn(&Snapshot<'_>) + Send + Sync + 'static) -> Self {
        self.snapshots = Some(Arc::new(compare));
        self
    }

    /// The vendor's short name.
    pub fn vendor(&self) -> &'static str {
        self.descriptor.name
    }

    /// The plan of every scenario on every backend.
    pub fn plan(&self) -> Vec<Planned> {
        let mut plan = Vec::new();
        for scenario in self.scenarios.iter() {
            let planned = |backend: &str, complete, fate| Planned {
                vendor: self.descriptor.name,
                scenario: scenario.id(),
                about: scenario.story.about.clone(),
                backend: backend.to_owned(),
                complete,
                fate,
            };
            for backend in &self.backends {
                let fate = self.fate(scenario, backend.as_ref());
                plan.push(planned(backend.name(), backend.complete(), fate));
            }
            // Without a backend there would be no plan, and nothing could fail.
            if !self.backends.iter().any(|backend| backend.complete()) {
                let fate = Fate::Missing("no backend can run every scenario of this vendor".to_owned());
                plan.push(planned("none", true, fate));
            }
        }
        plan
    }

    fn fate(&self, scenario: &Scenario, backend: &dyn Backend) -> Fate {
        if let Some(reason) = self.vendor.cannot(scenario, backend.name()) {
            return Fate::Cannot(reason.to_owned());
        }
        if let Some(reason) = backend.excludes(scenario) {
            return Fate::Cannot(reason);
        }
        if let Err(missing) = backend.ready(scenario) {
            return Fate::Missing(missing);
        }
        // The features that the call needs do not depend on its recipient.
        let call = call(scenario, "envelope", || "id:1".parse().map_err(|_| String::new()));
        let needed = call.as_ref().map(features).unwrap_or_default();
        let row = |feature: &Feature| self.descriptor.facts.capability(*feature);
        if let Some(unsaid) = needed.iter().find(|feature| row(feature).is_none()) {
            let title = unsaid.title();
            return Fate::Missing(format!(
                "the capabilities have no row that says whether the vendor can {title}"
            ));
        }
        let impossible = |row: &&Capability| row.support == Support::Impossible;
        if let Some(row) = needed.iter().filter_map(row).find(impossible) {
            return Fate::Refuses(row.conditions.clone());
        }
        if let Some(name) = missing_answer(scenario, &self.vendor) {
            return Fate::Missing(format!(
                "the vendor's file has neither an answer `{name}` nor a reason why there is none"
            ));
        }
        match self.vendor.patch(scenario) {
            Some(patch) => Fate::Patched(patch.reason.clone()),
            None => Fate::Runs,
        }
    }

    /// Runs one planned trial. For harnesses; [`Suite::run`] runs all of them.
    ///
    /// # Errors
    /// The problems, one per line.
    pub fn play(&self, planned: &Planned) -> Result<(), String> {
        if let Fate::Missing(why) = &planned.fate {
            return Err(format!("it neither runs nor has a written reason: {why}"));
        }
        let scenario = self.scenarios.iter().find(|scenario| scenario.id() == planned.scenario);
        let backend = self.backends.iter().find(|backend| backend.name() == planned.backend);
        let (Some(scenario), Some(backend)) = (scenario, backend) else {
            return Err("no such scenario or backend".to_owned());
        };
        let mut scenario = self.vendor.patched(scenario);
        if let Fate::Refuses(_) = &planned.fate {
            scenario.story.only_asks();
        }
        backend.recast(&mut scenario);
        let listener = Listener::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
        let played = tracing::subscriber::with_default(listener.clone(), || {
            runtime.block_on(async {
                let mut stage = backend.stage(&scenario).await?;
                let exact = backend.repeatable();
                let played = play(&scenario, &self.vendor, &mut stage, &listener, exact).await;
                stage.events.clean_up().await.and(played)
            })
        })?;
        if !played.wrong.is_empty() {
            let wrong = played.wrong.join("\n");
            // A text that contains a secret is not printed again.
            let leaks = played.wrong.iter().any(|line| line.ends_with("shows a secret"));
            return Err(if leaks { wrong } else { format!("{wrong}\n\n{}", played.shown) });
        }
        if let (Some(compare), true) = (&self.snapshots, backend.repeatable()) {
            let name = scenario.id().replace('/', "__");
            compare(&Snapshot { vendor: self.descriptor.name, name: &name, text: &played.shown });
        }
        Ok(())
    }

    /// Runs everything, one after the other, and reports.
    pub fn run(&self) -> Report {
        let plan = self.plan();
        let result = |planned: &Planned| {
            let result = catch_unwind(AssertUnwindSafe(|| self.play(planned)));
            let problem = result.unwrap_or_else(|panic| Err(said(panic.as_ref()))).err()?;
            Some((planned.name(), problem))
        };
        let failures = plan.iter().filter(|planned| planned.runs() || planned.fails()).filter_map(result);
        let failures = failures.collect();
        let played = plan.iter().filter(|planned| planned.runs()).count();
        Report { plan, played, failures }
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked").to_owned()
}

/// The result of a whole run.
#[derive(Debug, Clone)]
#[must_use]
#[non_exhaustive]
pub struct Report {
    /// What was planned.
    pub plan: Vec<Planned>,
    /// How many trials ran.
    pub played: usize,
    /// The names of the failed trials, with the reasons.
    pub failures: Vec<(String, String)>,
}

impl Report {
    /// Fails the test unless every trial passed and none was skipped without a reason.
    ///
    /// # Panics
    /// Panics with the names of the failed trials, and the reasons.
    pub fn assert(&self) {
        assert!(self.failures.is_empty() && self.played > 0, "{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} trials run, {} failed", self.played, self.failures.len())?;
        for (name, why) in &self.failures {
            writeln!(f, "\n---- {name} ----\n{}", why.trim_end())?;
        }
        Ok(())
    }
}
