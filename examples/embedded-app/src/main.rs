//! `cargo run -p countersign-embedded-app`: the application and the sandbox that simulates its vendors.

use clap::Parser;
use countersign_embedded_app::{Options, start};
use countersign_sandbox::Options as SandboxOptions;

/// A small application in which users sign, at each vendor, with the same code. Starts with a sandbox that plays the
/// vendors; no account is needed and nothing leaves this machine.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// Port of the application on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 8480)]
    port: u16,
    /// Port of the sandbox on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 8481)]
    sandbox_port: u16,
    /// Prints one line of JSON with both addresses instead of words.
    #[arg(long)]
    print_json: bool,
}

#[tokio::main]
#[expect(clippy::print_stdout, reason = "it tells where to look")]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let args = Args::parse();
    let sandbox = SandboxOptions { port: args.sandbox_port, ..SandboxOptions::new() };
    let running = start(Options::new().with_port(args.port).with_sandbox(sandbox)).await?;
    let (app, vendors) = (running.url(), running.sandbox().url());
    if args.print_json {
        println!("{}", serde_json::json!({"app_url": app, "sandbox_url": vendors}));
    } else {
        println!("The application:      {app}\nThe vendors' sandbox: {vendors}\nCtrl-C ends both.");
    }
    tokio::signal::ctrl_c().await?;
    running.stop().await;
    Ok(())
}
