//! Running calls for a while, and what they cost this process.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What one round showed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) per_second: f64,
    #[allow(dead_code, reason = "not every benchmark shows it")]
    pub(crate) cpu_micros: f64,
    pub(crate) p50_micros: f64,
    pub(crate) p99_micros: f64,
}

/// Keeps this many calls going for this long.
pub(crate) async fn run<F, R>(concurrent: usize, time: Duration, call: F) -> Sample
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let call = Arc::new(call);
    let (start, cpu_before) = (Instant::now(), cpu());
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..concurrent {
        let call = Arc::clone(&call);
        workers.spawn(async move {
            let mut took = Vec::with_capacity(1 << 14);
            // Once at least, on a machine so busy that the time is over before.
            while took.is_empty() || start.elapsed() < time {
                let begun = Instant::now();
                call().await;
                took.push(begun.elapsed());
            }
            took
        });
    }
    let mut took: Vec<Duration> = workers.join_all().await.into_iter().flatten().collect();
    let (elapsed, cpu) = (start.elapsed().as_secs_f64(), (cpu() - cpu_before).as_secs_f64());
    took.sort_unstable();
    let calls = f64::from(u32::try_from(took.len()).unwrap());
    let at = |part: usize| took[took.len() * part / 100].as_secs_f64() * 1e6;
    Sample {
        per_second: calls / elapsed,
        cpu_micros: cpu / calls * 1e6,
        p50_micros: at(50),
        p99_micros: at(99),
    }
}

pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The CPU time of all threads of this process, from the scheduler's count in nanoseconds.
fn cpu() -> Duration {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return Duration::ZERO };
    let nanos = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}
