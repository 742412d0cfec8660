//! What the pages share.

use std::sync::Arc;

use axum::extract::FromRef;

use crate::gateway::Gateway;

/// What the pages share.
#[derive(Clone)]
pub(crate) struct Admin {
    pub(super) gateway: Gateway,
    /// Forms bring it along: other sites cannot read it. New with each process.
    pub(super) form_token: Arc<str>,
}

impl FromRef<Admin> for Gateway {
    fn from_ref(admin: &Admin) -> Self {
        admin.gateway.clone()
    }
}
