//! Answers: CBOR with 200, a refusal with its own status, 503 when the service cannot serve now.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sync::protocol::path;
use sync::wire::to_cbor;
use sync::{CentreFault, Refusal};

/// What a handler gives back when it does not answer.
pub(super) struct Fault(CentreFault);

impl<F: Into<CentreFault>> From<F> for Fault {
    fn from(fault: F) -> Self {
        Self(fault.into())
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        match self.0 {
            CentreFault::Refused(refusal) => refused(&refusal),
            CentreFault::Busy { retry_after_ms } => busy(StatusCode::SERVICE_UNAVAILABLE, retry_after_ms),
            CentreFault::Unreachable(_) | CentreFault::Untrusted(_) => {
                busy(StatusCode::SERVICE_UNAVAILABLE, crate::service::BUSY_RETRY_MS)
            }
        }
    }
}

/// 200 with a CBOR body.
pub(super) fn cbor(value: &impl Serialize) -> Response {
    with_status(StatusCode::OK, value)
}

/// 200 with a body in frames.
pub(super) fn framed(body: Vec<u8>) -> Response {
    (StatusCode::OK, [(header::CONTENT_TYPE, HeaderValue::from_static(path::FRAMES))], body).into_response()
}

/// The refusal's status with the refusal as CBOR.
pub(super) fn refused(refusal: &Refusal) -> Response {
    let status = StatusCode::from_u16(refusal.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
    with_status(status, refusal)
}

/// "Come again": no body, and when.
pub(super) fn busy(status: StatusCode, retry_after_ms: u64) -> Response {
    let seconds = HeaderValue::from(retry_after_ms.div_ceil(1000));
    (status, [(header::RETRY_AFTER, seconds)]).into_response()
}

fn with_status(status: StatusCode, value: &impl Serialize) -> Response {
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static(path::CBOR))], to_cbor(value)).into_response()
}
