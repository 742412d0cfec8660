//! How much memory this process has, over time.

use std::time::Duration;

/// Shorter runs are all warm-up.
const JUDGED_FROM: Duration = Duration::from_secs(30);
/// Growth over the later two thirds of a run that counts as none: pools and allocators breathe by this much.
const FLAT_KIB: f64 = 4.0 * 1024.0;

/// Resident memory, sampled between epochs, when nothing is under way.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Seconds since the start, and KiB.
    samples: Vec<(f64, f64)>,
}

impl Memory {
    pub(crate) fn sample(&mut self, at: Duration) {
        if let Some(kib) = resident_kib() {
            self.samples.push((at.as_secs_f64(), kib));
        }
    }

    /// Prints the figures; whether memory is flat, or could not be judged.
    pub(crate) fn report(&self, run: Duration) -> bool {
        let later: Vec<(f64, f64)> =
            self.samples.iter().copied().skip(self.samples.len().div_ceil(3)).collect();
        let (Some(first), Some(last), Some(slope)) =
            (self.samples.first(), self.samples.last(), slope(&later))
        else {
            println!("memory: not measured");
            return true;
        };
        let most = self.samples.iter().map(|sample| sample.1).fold(0.0, f64::max);
        let span = later.last().map_or(0.0, |end| end.0) - later.first().map_or(0.0, |begin| begin.0);
        let grown = slope * span;
        let judged = run >= JUDGED_FROM;
        let flat = grown < FLAT_KIB;
        println!(
            "memory: {:.1} MiB after the first epoch, {:.1} at the end, {:.1} at most; in the later two thirds {:+.0} KiB per minute ({:+.0} KiB in {span:.0} s): {}",
            first.1 / 1024.0,
            last.1 / 1024.0,
            most / 1024.0,
            slope * 60.0,
            grown,
            if !judged {
                "too short to judge"
            } else if flat {
                "flat"
            } else {
                "GROWING"
            }
        );
        let step = self.samples.len().div_ceil(12).max(1);
        let series: Vec<String> =
            self.samples.iter().step_by(step).map(|sample| format!("{:.1}", sample.1 / 1024.0)).collect();
        println!("over time, MiB: {}", series.join(" "));
        flat || !judged
    }
}

/// Least squares, KiB per second.
fn slope(samples: &[(f64, f64)]) -> Option<f64> {
    let count = f64::from(u32::try_from(samples.len()).ok()?);
    let mean = |pick: fn(&(f64, f64)) -> f64| samples.iter().map(pick).sum::<f64>() / count;
    let (x, y) = (mean(|sample| sample.0), mean(|sample| sample.1));
    let above: f64 = samples.iter().map(|sample| (sample.0 - x) * (sample.1 - y)).sum();
    let below: f64 = samples.iter().map(|sample| (sample.0 - x).powi(2)).sum();
    (below > 0.0).then(|| above / below)
}

/// From `/proc`; nothing elsewhere.
fn resident_kib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
