//! `/metrics`: counts in Prometheus' text form. No label holds a code, a name or an address.

use super::SharedApp;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

#[derive(Default)]
pub(super) struct Metrics {
    /// Requests by the path's template and the status.
    requests: Mutex<BTreeMap<(String, u16), u64>>,
    receipts: AtomicU64,
    pulls_waiting: AtomicU64,
}

/// A pull that waits, counted until it is dropped: also when the other side hangs up.
pub(super) struct Waiting<'a>(&'a AtomicU64);

impl Metrics {
    pub(super) fn pull_begins(&self) -> Waiting<'_> {
        self.pulls_waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(&self.pulls_waiting)
    }

    fn count(&self, path: &str, status: u16) {
        if path == sync::protocol::path::PUSH && status == 200 {
            self.receipts.fetch_add(1, Ordering::Relaxed);
        }
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((path.to_owned(), status)).or_default() += 1;
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts and logs every request: path template, status, milliseconds; nothing that was said.
pub(super) async fn count(State(app): SharedApp, request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let path = matched.unwrap_or_else(|| "other".to_owned());
    let begun = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    app.metrics.count(&path, status);
    tracing::debug!(path, status, ms = begun.elapsed().as_millis() as u64, "answered");
    response
}

pub(super) async fn metrics(State(app): SharedApp) -> Response {
    let counts = app.work(|service| Ok(service.counts().unwrap_or_default())).await.unwrap_or_default();
    let mut text = String::new();
    let mut one = |kind, name, help, value: u64| {
        // Writing to a String cannot fail.
        let _ = write!(text, "# HELP motcua_{name} {help}\n# TYPE motcua_{name} {kind}\nmotcua_{name} {value}\n");
    };
    one("gauge", "events", "Events held, each once.", counts.events);
    one("gauge", "streams", "Streams held.", counts.streams);
    one("gauge", "stations", "Stations enrolled, the centre among them.", counts.stations);
    one("counter", "receipts_total", "Receipts given since the start.", app.metrics.receipts.load(Ordering::Relaxed));
    one("gauge", "pulls_waiting", "Pulls that wait for news.", app.metrics.pulls_waiting.load(Ordering::Relaxed));
    one("gauge", "store_bytes", "Size of the database.", counts.bytes);
    text.push_str("# HELP motcua_requests_total Requests since the start.\n# TYPE motcua_requests_total counter\n");
    for ((path, status), count) in app.metrics.requests.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let _ = writeln!(text, "motcua_requests_total{{path=\"{path}\",status=\"{status}\"}} {count}");
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text).into_response()
}
