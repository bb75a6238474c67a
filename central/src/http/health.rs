//! `/healthz`: is the service well, can its store be written.

use super::SharedApp;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The store is asked at most this often, however often we are.
const FRESH: Duration = Duration::from_secs(2);

/// What the store said the last time.
#[derive(Default)]
pub(super) struct Pulse(Mutex<Option<(Instant, Result<(), &'static str>)>>);

pub(super) async fn healthz(State(app): SharedApp) -> Response {
    let known = *app.health.0.lock().unwrap_or_else(PoisonError::into_inner);
    let store = match known {
        Some((at, result)) if at.elapsed() < FRESH => result,
        _ => {
            let asked = app.work(|service| Ok(service.check_writable())).await;
            let result = asked.unwrap_or(Err("BUSY"));
            *app.health.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), result));
            result
        }
    };
    let status = if store.is_ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "ok": store.is_ok(),
        "store": store.err().unwrap_or("writable"),
        "version": env!("CARGO_PKG_VERSION"),
    });
    (status, Json(body)).into_response()
}
