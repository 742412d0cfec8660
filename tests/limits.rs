//! Each route of a `[[limit]]` in a `vendor.toml` is one that the adapter calls: a misspelt one would count nothing.
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use countersign_tests::effects::{Job, Prepared};
use countersign_tests::stages;

#[tokio::test]
async fn each_limited_route_is_called() {
    let mut limited = 0;
    for stage in stages().await.unwrap() {
        stage.world.change_settings(|settings| settings.limit_calls(u32::MAX));
        let base_url = stage.client.check_access().await.unwrap().base_url;
        for job in Job::at(&stage) {
            let prepared = Prepared::new(job, &stage).await.unwrap();
            prepared.call(job, &stage.client).await.unwrap();
        }
        let base = base_url.strip_prefix(&stage.sandbox.url()).unwrap().trim_end_matches('/');
        let calls = stage.world.calls();
        for route in stage.account.vendor().facts.limits.iter().flat_map(|limit| &limit.routes) {
            let is_called = calls.iter().any(|call| {
                call.method == route.method.as_str()
                    && call.path.strip_prefix(base).is_some_and(|path| is_like(&route.path, path))
            });
            assert!(is_called, "{}: {} {} is never called", stage.name, route.method, route.path);
            limited += 1;
        }
    }
    assert!(limited > 0, "no vendor limits routes");
}

fn is_like(pattern: &str, path: &str) -> bool {
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    pattern.len() == path.len() && pattern.iter().zip(path).all(|(word, one)| *word == "{id}" || *word == one)
}
