//! One cell of the table: a job, a step of it, a fault there.

use std::sync::Arc;
use std::time::Duration;

use countersign::transport::{Limits, Transport};
use countersign::{Client, ErrorKind, Outcome, Retry};
use countersign_sandbox::Fault as VendorFault;
use countersign_testkit::{FaultTransport, When};

use super::fault::{Ends, Fault, Play, faults};
use super::job::{Done, Job, Prepared};
use super::seen::{look, mails};
use super::step::Step;
use super::verdict::{Repeated, judge};
use crate::Stage;

/// No call may take longer, whatever its faults. Far above every limit that is set here.
const HANGS_AFTER: Duration = Duration::from_secs(20);
/// A limit of the calls that only a limit ends, on the first try. It holds for each request, also for those before the
/// fault.
const SHORT: Duration = Duration::from_millis(150);
/// A deadline of the calls that only a deadline ends, on the first try.
const DEADLINE: Duration = Duration::from_millis(400);
/// How often a call is played whose fault was not met, because a busy machine let an earlier request run into the
/// short limit or the deadline. Each try has twice the time of the one before.
const TRIES: u32 = 5;
/// The limit of the others: enough for a busy machine.
const LONG: Duration = Duration::from_secs(10);

const NOT_MET: &str = "the fault was never met";

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A job, a step of it, a fault there, once or for ever.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The vendor.
    pub vendor: &'static str,
    /// The operation in one of its forms.
    pub job: Job,
    /// The step that the fault befalls.
    pub step: Step,
    /// The fault.
    pub fault: Fault,
    /// Whether it befalls the step once, or each time.
    pub always: bool,
}

/// The result of a cell.
#[derive(Debug, Clone)]
pub struct Row {
    /// What was played.
    pub cell: Cell,
    /// How the call ended; `None` for a success.
    pub error: Option<(ErrorKind, Outcome, Retry)>,
    /// What the world shows.
    pub seen: String,
    /// What is wrong; empty when all is well.
    pub wrong: Vec<String>,
}

impl Cell {
    /// Every cell of a vendor.
    pub(crate) fn all(vendor: &'static str) -> Vec<Self> {
        let mut cells = Vec::new();
        for job in Job::ALL {
            for step in job.steps(vendor) {
                for fault in faults() {
                    for always in [false, true] {
                        cells.push(Self { vendor, job, step, fault: fault.clone(), always });
                    }
                }
            }
        }
        cells
    }

    /// Runs it. Whatever goes wrong is in the row.
    pub(crate) async fn run(self, stage: &Arc<Stage>, transport: &Arc<dyn Transport>) -> Row {
        let tries = if self.fault.ends == Ends::Itself { 1 } else { TRIES };
        let mut tried = 0;
        loop {
            let longer = 1 << tried;
            let (cell, at, over) = (self.clone(), Arc::clone(stage), Arc::clone(transport));
            // A task of its own, so that a panic is a row and not the end.
            let row = tokio::spawn(async move { cell.play(&at, &over, longer).await }).await;
            stage.world.clear_faults();
            tried += 1;
            match row {
                Ok(Ok(row)) if row.wrong.iter().any(|wrong| wrong == NOT_MET) && tried < tries => {}
                Ok(Ok(row)) => return row,
                Ok(Err(error)) => {
                    return self.row(None, String::new(), vec![format!("could not be played: {error}")]);
                }
                Err(error) => return self.row(None, String::new(), vec![format!("panicked: {error}")]),
            }
        }
    }

    fn row(&self, error: Option<(ErrorKind, Outcome, Retry)>, seen: String, wrong: Vec<String>) -> Row {
        Row { cell: self.clone(), error, seen, wrong }
    }

    /// Plays it, with so many times the short limit and the deadline.
    async fn play(&self, stage: &Stage, transport: &Arc<dyn Transport>, longer: u32) -> Result<Row, Failure> {
        let prepared = Prepared::new(self.job, stage).await?;
        let faulty = FaultTransport::new(Arc::clone(transport));
        let limit = if self.fault.ends == Ends::Limit { SHORT * longer } else { LONG };
        let limits = Limits::default().with_timeout(limit);
        let deadline = (self.fault.ends == Ends::Deadline).then_some(DEADLINE * longer);
        let client = stage.client_over(Arc::clone(&faulty) as Arc<dyn Transport>, limits, deadline)?;

        self.plan(stage, &faulty);
        let called = tokio::time::timeout(HANGS_AFTER, prepared.call(self.job, &client)).await;
        let met = self.met(stage, &faulty);
        stage.world.clear_faults();
        faulty.clear();

        let Ok(result) = called else {
            let seen = look(&stage.world, &prepared).to_string();
            return Ok(self.row(None, seen, vec!["it hung".to_owned()]));
        };
        let seen = look(&stage.world, &prepared);
        let repeated = self.repeat(stage, transport, &prepared, &result).await?;
        let mut wrong = judge(self.job, &prepared, &stage.world, &result, seen, repeated.as_ref());
        if !met {
            wrong.push(NOT_MET.to_owned());
        }
        let error = result.err().map(|error| (error.kind(), error.outcome(), error.retry()));
        Ok(self.row(error, seen.to_string(), wrong))
    }

    fn plan(&self, stage: &Stage, faulty: &FaultTransport) {
        match &self.fault.play {
            Play::Vendor(kind) => {
                let fault = VendorFault::on(self.step.method, self.step.path, kind.clone());
                stage.world.inject(fault.times(self.times()));
            }
            Play::Wire(trouble) => {
                let when = When::method(self.step.method).path(self.step.path);
                let when = if self.always { when } else { when.times(1) };
                faulty.add(when, trouble.clone());
            }
        }
    }

    fn times(&self) -> u32 {
        if self.always { u32::MAX } else { 1 }
    }

    fn met(&self, stage: &Stage, faulty: &FaultTransport) -> bool {
        match &self.fault.play {
            Play::Wire(_) => faulty.met() > 0,
            Play::Vendor(_) => !stage.world.faults().iter().any(|fault| fault.times == self.times()),
        }
    }

    /// Believes an error that allows the same call again, and makes it, with the fault gone.
    async fn repeat(
        &self,
        stage: &Stage,
        transport: &Arc<dyn Transport>,
        prepared: &Prepared,
        result: &Result<Done, countersign::Error>,
    ) -> Result<Option<Repeated>, Failure> {
        match result {
            Err(error) if error.retry() != Retry::Never => {}
            _ => return Ok(None),
        }
        // Without what the first client has learned about waiting.
        let client: Client =
            stage.client_over(Arc::clone(transport), Limits::default().with_timeout(LONG), None)?;
        let failure = prepared.call(self.job, &client).await.err();
        let mails = mails(&stage.world, prepared.envelope.as_str()).saturating_sub(prepared.mails);
        Ok(Some(Repeated { failure, mails }))
    }
}
