//! The edge: paths, limits and encodings. A handler extracts, calls and converts.

mod answer;
mod blobs;
mod body;
mod connection;
pub mod door;
mod fair;
mod health;
pub(crate) mod hub;
mod impatient;
mod limits;
mod metrics;
mod public;
mod signed;
mod strangers;

pub use limits::Limits;

use crate::service::Service;
use axum::Router;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use limits::RateLimit;
use metrics::Metrics;
use std::net::TcpListener;
use std::sync::Arc;
use sync::CentreFault;
use sync::blob::protocol::path as blob_path;
use sync::protocol::path;
use tokio::sync::{Semaphore, watch};

/// What every handler can reach.
pub(crate) struct App {
    service: Arc<Service>,
    limits: Limits,
    door_key: door::DoorKey,
    metrics: Metrics,
    health: health::Pulse,
    strangers: RateLimit,
    working: Semaphore,
    turns: fair::Turns,
    scans: fair::Turns,
}

type SharedApp = State<Arc<App>>;

impl App {
    pub(crate) fn new(service: Arc<Service>, limits: Limits, door_key: door::DoorKey) -> Arc<Self> {
        Arc::new(Self {
            service,
            limits,
            door_key,
            metrics: Metrics::default(),
            health: health::Pulse::default(),
            strangers: RateLimit::new(limits.stranger_burst, limits.stranger_per_second),
            working: Semaphore::new(limits.max_working),
            turns: fair::Turns::new(limits.max_bulk, limits.bulk_share),
            scans: fair::Turns::new(limits.max_scans, limits.scan_share),
        })
    }

    /// Calls the service, which blocks, on a thread that may; no more at once than the limits say.
    async fn work<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Arc<Service>) -> Result<T, CentreFault> + Send + 'static,
    ) -> Result<T, CentreFault> {
        let busy = || CentreFault::Busy { retry_after_ms: 1_000 };
        let permit = tokio::time::timeout(self.limits.work_wait, self.working.acquire());
        let Ok(Ok(_permit)) = permit.await else { return Err(busy()) };
        let service = Arc::clone(&self.service);
        tokio::task::spawn_blocking(move || call(&service)).await.unwrap_or_else(|panicked| {
            tracing::error!(%panicked, "a request could not be answered");
            Err(busy())
        })
    }
}

/// Answers on `listener` until `stopped` says so; then finishes what was begun.
pub(crate) async fn listen(
    listener: TcpListener,
    app: Arc<App>,
    tls: Option<Arc<rustls::ServerConfig>>,
    stopped: watch::Receiver<bool>,
) {
    match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => connection::accept(listener, router(Arc::clone(&app)), &app, tls, stopped).await,
        Err(fault) => tracing::error!(%fault, "cannot listen"),
    }
}

fn router(app: Arc<App>) -> Router {
    Router::new()
        .route(path::ENROL, post(public::enrol))
        .route(path::HEADS, post(signed::heads))
        .route(path::PUSH, post(signed::push))
        .route(path::PULL, post(signed::pull))
        .route(path::LEASE, post(signed::lease))
        .route(path::CHECKPOINT, post(signed::checkpoint))
        .route(sync::earlier::PATH, post(signed::earlier))
        .route(blob_path::HELD, post(blobs::held))
        .route(blob_path::PUT, post(blobs::put))
        .route(blob_path::GET, post(blobs::get))
        .route(sync::hub::CLAIM, post(hub::claim))
        .route(sync::hub::BOARD, post(hub::board))
        .route(sync::hub::STATUS, post(hub::status))
        .route("/v1/public/{code}", get(public::state))
        .route("/healthz", get(health::healthz))
        .route("/metrics", get(metrics::metrics))
        .route(door::PATH, post(door::order))
        .fallback(public::nothing_here)
        .layer(from_fn_with_state(Arc::clone(&app), metrics::count))
        .with_state(app)
}
