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
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

/// Who is at the other end of the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub IpAddr);

/// After a failed accept (no file descriptor is left) the others get this long to go away.
const BREATH: Duration = Duration::from_millis(50);
/// The largest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 16 << 10;

/// Takes connections until `stopped`, then lets those that are open finish.
pub(super) async fn accept(
    listener: TcpListener,
    router: Router,
    app: &App,
    tls: Option<Arc<rustls::ServerConfig>>,
    mut stopped: watch::Receiver<bool>,
) {
    let tls = tls.map(TlsAcceptor::from);
    let slots = Arc::new(Semaphore::new(app.limits.max_connections));
    let mut open = JoinSet::new();
    loop {
        let taken = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => break,
            taken = next(&listener, &slots) => taken,
        };
        while open.try_join_next().is_some() {}
        if let Some((stream, peer, slot)) = taken {
            let talk = Talk { peer, router: router.clone(), limits: app.limits, stopped: stopped.clone(), _slot: slot };
            open.spawn(talk.begin(stream, tls.clone()));
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

/// One connection, from its first byte to its end.
struct Talk {
    peer: SocketAddr,
    router: Router,
    limits: Limits,
    stopped: watch::Receiver<bool>,
    _slot: OwnedSemaphorePermit,
}

impl Talk {
    async fn begin(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        // A refusal only means that small answers wait a little longer.
        let _ = stream.set_nodelay(true);
        let stream = Impatient::new(stream, self.limits.write_wait);
        let Some(tls) = tls else { return self.converse(stream).await };
        // One who does not shake hands in time, or cannot, goes away.
        if let Ok(Ok(stream)) = tokio::time::timeout(self.limits.header_wait, tls.accept(stream)).await {
            self.converse(stream).await;
        }
    }

    async fn converse(self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let Self { peer, router, limits, mut stopped, _slot } = self;
        let inner = TowerToHyperService::new(router);
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(Peer(peer.ip()));
            inner.call(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.header_wait)
            .max_buf_size(MAX_HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service);
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
}
