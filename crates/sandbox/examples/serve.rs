//! Starts the sandbox on a free port, says where in one line of JSON, and serves until standard input closes.
//!
//! For programs in other languages that want a sandbox of their own: when the parent goes, so does the sandbox.
#![allow(clippy::print_stdout, reason = "the parent process reads the address from standard output")]

use countersign_sandbox::{Options, Sandbox};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let sandbox = Sandbox::start(Options::default()).await?;
    println!("{}", serde_json::json!({ "url": sandbox.url() }));
    tokio::task::spawn_blocking(|| std::io::copy(&mut std::io::stdin(), &mut std::io::sink())).await??;
    sandbox.stop().await;
    Ok(())
}
