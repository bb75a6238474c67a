//! Connections: taken up to a limit, each with time-outs, all let finish when the service stops.

use super::App;
use super::impatient::Impatient;
use super::limits::Limits;
use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

/// Who is at the other end of the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub IpAddr);

/// After a failed accept (no file descriptor is left) the others get this long to go away.
const BREATH: Duration = Duration::from_millis(50);
/// The largest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 16 << 10;

/// Takes connections until `stopped`, then lets those that are open finish.
pub(super) async fn accept(listener: TcpListener, router: Router, app: &App, mut stopped: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(app.limits.max_connections));
    let mut open = JoinSet::new();
    loop {
        let taken = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => break,
            taken = next(&listener, &slots) => taken,
        };
        while open.try_join_next().is_some() {}
        if let Some((stream, peer, slot)) = taken {
            open.spawn(converse(stream, peer, router.clone(), app.limits, stopped.clone(), slot));
        }
    }
    drop(listener);
    app.service.news().close();
    let finished = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(app.limits.stop_wait, finished).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

async fn next(listener: &TcpListener, slots: &Arc<Semaphore>) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let slot = Arc::clone(slots).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, peer, slot)),
        Err(fault) => {
            tracing::warn!(%fault, "a connection could not be taken");
            tokio::time::sleep(BREATH).await;
            None
        }
    }
}

async fn converse(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    mut stopped: watch::Receiver<bool>,
    _slot: OwnedSemaphorePermit,
) {
    // A refusal only means that small answers wait a little longer.
    let _ = stream.set_nodelay(true);
    let inner = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        inner.call(request)
    });
    let stream = TokioIo::new(Impatient::new(stream, limits.write_wait));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_wait)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(stream, service);
    let mut connection = pin!(connection);
    // How a connection ends (a cable, a time-out, a goodbye) is the other side's affair: it will come again.
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        _ = stopped.wait_for(|stopped| *stopped) => None,
    };
    if ended.is_none() {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}
