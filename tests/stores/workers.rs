//! The workers, as the test sees them: processes that can be asked, killed and suspended.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{oneshot, watch};

use crate::gateway;
use crate::said::{ANSWER, Answered, Asked, End, SERVING, SETUP, Setup};

/// Who waits for an answer, by the number of the call. `None` once the process is gone.
type Waiting = Arc<Mutex<Option<HashMap<u64, oneshot::Sender<End>>>>>;

/// A running worker. It is killed with the last reference to it.
#[derive(Debug)]
struct Process {
    input: tokio::sync::Mutex<ChildStdin>,
    waiting: Waiting,
    /// The port, once a gateway serves.
    port: watch::Receiver<Option<u16>>,
    child: Mutex<Child>,
    id: u32,
}

/// The workers of one round.
#[derive(Debug)]
pub(crate) struct Workers {
    setup: Setup,
    /// This program, and another build of it if there is one: they take turns.
    programs: Vec<PathBuf>,
    started: AtomicUsize,
    running: Vec<Mutex<Arc<Process>>>,
    calls: AtomicU64,
}

/// Names a program of an earlier commit, whose workers run beside those of this one.
const NEIGHBOUR: &str = "COUNTERSIGN_TEST_NEIGHBOUR";

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Workers {
    pub(crate) fn start(count: usize, setup: Setup) -> Self {
        let own = std::env::current_exe().unwrap();
        let programs = std::iter::once(own).chain(std::env::var_os(NEIGHBOUR).map(PathBuf::from)).collect();
        let (started, calls) = (AtomicUsize::new(0), AtomicU64::new(0));
        let mut workers = Self { setup, programs, started, running: Vec::new(), calls };
        workers.running = (0..count).map(|worker| Mutex::new(workers.start_one(worker))).collect();
        workers
    }

    fn start_one(&self, worker: usize) -> Arc<Process> {
        let program = &self.programs[self.started.fetch_add(1, Ordering::Relaxed) % self.programs.len()];
        let mut command = match self.setup.disk {
            Some(blocks) => limited(program, blocks),
            None => Command::new(program),
        };
        if let (0, Some(library)) = (worker, &self.setup.faketime) {
            ahead(&mut command, library);
        }
        Process::start(command, &self.setup)
    }

    pub(crate) fn count(&self) -> usize {
        self.running.len()
    }

    /// How many calls were asked for.
    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Asks a worker to make a call. `None` if the worker died before it answered.
    pub(crate) async fn ask(&self, worker: usize, mut asked: Asked) -> Option<End> {
        asked.call = self.calls.fetch_add(1, Ordering::Relaxed);
        let process = Arc::clone(&lock(&self.running[worker]));
        if let Some(caller) = &self.setup.gateway {
            let port = process.port.clone().wait_for(Option::is_some).await.ok()?.as_ref().copied()?;
            return gateway::ask(port, caller, &asked).await;
        }
        let (sender, answer) = oneshot::channel();
        lock(&process.waiting).as_mut()?.insert(asked.call, sender);
        let line = serde_json::to_string(&asked).unwrap() + "\n";
        process.input.lock().await.write_all(line.as_bytes()).await.ok()?;
        answer.await.ok()
    }

    /// Kills a worker (SIGKILL) and puts another one in its place.
    pub(crate) fn kill(&self, worker: usize) {
        // The new one comes first, so that no caller asks the dead one.
        let next = self.start_one(worker);
        let process = std::mem::replace(&mut *lock(&self.running[worker]), next);
        lock(&process.child).start_kill().unwrap();
    }

    /// Sends a worker the signal that suspends or continues it.
    pub(crate) async fn signal(&self, worker: usize, signal: &str) {
        let id = lock(&self.running[worker]).id.to_string();
        let status = Command::new("kill").args(["-s", signal, &id]).status().await.unwrap();
        assert!(status.success(), "kill -s {signal} {id}");
    }
}

/// A program whose files cannot grow beyond this size; writing more is an error.
fn limited(program: &Path, blocks: u32) -> Command {
    let mut command = Command::new("sh");
    let script = "trap '' XFSZ; ulimit -f \"$1\"; shift; exec \"$@\"";
    command.args(["-c", script, "sh", &blocks.to_string()]).arg(program);
    command
}

/// Puts the wall clock of a program an hour ahead; its timers run as usual.
pub(crate) fn ahead<'c>(command: &'c mut Command, library: &Path) -> &'c mut Command {
    command.env("LD_PRELOAD", library).env("FAKETIME", "+1h").env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
}

impl Process {
    fn start(mut command: Command, setup: &Setup) -> Arc<Self> {
        let mut child = command
            .args(["--exact", "worker_process", "--ignored", "--nocapture"])
            .env(SETUP, serde_json::to_string(setup).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let waiting: Waiting = Arc::new(Mutex::new(Some(HashMap::new())));
        let (serving, port) = watch::channel(None);
        tokio::spawn(read(output, Arc::clone(&waiting), serving));
        let id = child.id().unwrap();
        Arc::new(Self { input: tokio::sync::Mutex::new(input), waiting, port, child: Mutex::new(child), id })
    }
}

/// Hands on the answers of a worker until its output ends.
async fn read(output: ChildStdout, waiting: Waiting, serving: watch::Sender<Option<u16>>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some((_, port)) = line.split_once(SERVING) {
            serving.send_replace(port.parse().ok());
        }
        // Of a worker that was killed, the last line may be cut.
        let Some(Ok(answered)) =
            line.split_once(ANSWER).map(|(_, json)| serde_json::from_str::<Answered>(json))
        else {
            continue;
        };
        if let Some(sender) = lock(&waiting).as_mut().and_then(|all| all.remove(&answered.call)) {
            let _ = sender.send(answered.end);
        }
    }
    lock(&waiting).take();
}
