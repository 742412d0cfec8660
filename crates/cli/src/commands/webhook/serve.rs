//! A server that slow or silent senders cannot exhaust.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::report::note;

/// How long receiving the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);

/// The maximum number of connections; others wait until one ends. Together with the connections to the application
/// behind this command, they stay below the usual limit of open files.
const CONNECTIONS: usize = 100;

/// How long to wait after a connection could not be accepted, for example because no file descriptor was free.
const PAUSE: Duration = Duration::from_millis(500);

/// How often a lasting shortage is reported.
const TELL_AGAIN: Duration = Duration::from_secs(60);

/// Serves until `end`, then finishes the requests in progress.
pub(super) async fn serve(listener: TcpListener, app: Router, end: impl Future<Output = ()>) {
    let mut server = Builder::new(TokioExecutor::new()).http1_only();
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    let (graceful, room) = (GracefulShutdown::new(), Arc::new(Semaphore::new(CONNECTIONS)));
    let mut end = std::pin::pin!(end);
    let mut told: Option<Instant> = None;
    loop {
        let next = async {
            let room = Arc::clone(&room).acquire_owned().await;
            (room, listener.accept().await)
        };
        let (room, accepted) = tokio::select! {
            next = next => next,
            () = &mut end => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let service = TowerToHyperService::new(app.clone());
                let connection = server.serve_connection(TokioIo::new(stream), service).into_owned();
                let connection = graceful.watch(connection);
                tokio::spawn(async move {
                    // A sender that disconnects delivers again.
                    let _ = connection.await;
                    drop(room);
                });
            }
            Err(error) => {
                if told.is_none_or(|told| told.elapsed() >= TELL_AGAIN) {
                    told = Some(Instant::now());
                    note(&format!("  connections cannot be accepted at present ({error})\n"));
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    graceful.shutdown().await;
}
