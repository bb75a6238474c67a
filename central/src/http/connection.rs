//! Connections: taken up to a limit, each with time-outs, all let finish when the service stops.

use super::App;
use super::impatient::Impatient;
use super::limits::Limits;
use super::strangers::{Stranger, Strangers};
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
pub(super) struct Peer {
    pub address: IpAddr,
    /// It is this machine itself, by whichever of its addresses.
    pub is_here: bool,
}

impl Peer {
    fn of(stream: &TcpStream, other: SocketAddr) -> Self {
        let address = other.ip();
        let is_here = address.is_loopback() || stream.local_addr().is_ok_and(|own| own.ip() == address);
        Self { address, is_here }
    }
}

/// After a failed accept (no file descriptor is left) one that is to go gets this long.
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
    let strangers = Arc::new(Strangers::default());
    let mut open = JoinSet::new();
    loop {
        let taken = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => break,
            taken = next(&listener, &slots, &strangers) => taken,
        };
        while open.try_join_next().is_some() {}
        if let Some((stream, peer, slot)) = taken {
            let (router, limits, stopped) = (router.clone(), app.limits, stopped.clone());
            strangers.begin(|stranger| {
                let talk = Talk { peer, router, limits, stopped, stranger, _slot: slot };
                open.spawn(talk.begin(stream, tls.clone()))
            });
        }
    }
    drop(listener);
    app.service.news().close();
    let finished = async { while open.join_next().await.is_some() {} };
    if tokio::time::timeout(app.limits.stop_wait, finished).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

async fn next(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
    strangers: &Strangers,
) -> Option<(TcpStream, Peer, OwnedSemaphorePermit)> {
    match listener.accept().await {
        Ok((stream, other)) => {
            let peer = Peer::of(&stream, other);
            Some((stream, peer, place(slots, strangers).await?))
        }
        Err(fault) => {
            tracing::warn!(%fault, "a connection could not be taken");
            strangers.dismiss_first();
            tokio::time::sleep(BREATH).await;
            None
        }
    }
}

/// A place for a connection: a free one, or that of the stranger who came first; else it waits, as all are stations'.
async fn place(slots: &Arc<Semaphore>, strangers: &Strangers) -> Option<OwnedSemaphorePermit> {
    if let Ok(slot) = Arc::clone(slots).try_acquire_owned() {
        return Some(slot);
    }
    strangers.dismiss_first();
    Arc::clone(slots).acquire_owned().await.ok()
}

/// One connection, from its first byte to its end.
struct Talk {
    peer: Peer,
    router: Router,
    limits: Limits,
    stopped: watch::Receiver<bool>,
    stranger: Arc<Stranger>,
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
        let Self { peer, router, limits, mut stopped, stranger, _slot } = self;
        let inner = TowerToHyperService::new(router);
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(Arc::clone(&stranger));
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
