//! Holds calls after a restore.

use clap::Subcommand;
use countersign::Result;
use countersign_gateway::Gateway;

#[derive(Debug, Subcommand)]
pub(super) enum HoldCommand {
    /// From now on, send nothing under a key that the database does not know: its outcome is unknown.
    ///
    /// After each restore, also if the database says that calls are held: it is older than what was found since.
    Begin {
        /// Only this tenant, by name or id.
        tenant: Option<String>,
    },
    /// Send again. Calls that were held stay unknown until each is resolved, or all of them by --did-not-happen.
    End {
        /// Only for this tenant, by name or id.
        tenant: Option<String>,
        /// You have looked at the vendors: none of the calls that this hold has held was made before the restore. Their
        /// keys are free again. Also after the end.
        #[arg(long)]
        did_not_happen: bool,
    },
}

/// What was done, in words.
pub(super) async fn run(command: &HoldCommand, gateway: &Gateway) -> Result<String> {
    let directory = gateway.directory();
    Ok(match command {
        HoldCommand::Begin { tenant } => {
            format!("tenants held: {}\n", directory.hold(tenant.as_deref()).await?)
        }
        HoldCommand::End { tenant, did_not_happen } => {
            let tenant = tenant.as_deref();
            // First, so that no further call is held meanwhile.
            let mut done = format!("tenants released: {}\n", directory.end_hold(tenant).await?);
            if *did_not_happen {
                done += &format!("keys free again: {}\n", gateway.free_held(tenant).await?);
            }
            done
        }
    })
}
