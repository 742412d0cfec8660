//! A transport with which a process can die around the last request of a call.

use std::sync::Arc;

use bytes::Bytes;
use countersign::async_trait::async_trait;
use countersign::http::{Request, Response};
use countersign::transport::{HttpTransport, Limits, Transport, TransportError};
use countersign_tests::effects::Step;

use crate::said::{Kind, Moment};

/// Around the network.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) inner: Arc<HttpTransport>,
    /// Where the process dies, and the last request of that call.
    pub(crate) dies: Option<(Moment, Kind, Step)>,
}

#[async_trait]
impl Transport for Wire {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: &Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let is_last =
            |step: &Step| request.method() == step.method && request.uri().path().contains(step.path);
        let dies = self.dies.filter(|(_, _, step)| is_last(step)).map(|(moment, kind, _)| (moment, kind));
        if let Some((Moment::BeforeMark, Kind::List | Kind::View)) = dies {
            std::process::abort();
        }
        let answer = self.inner.send(request, limits).await;
        if let Some((Moment::Sent, _)) = dies {
            std::process::abort();
        }
        answer
    }
}
