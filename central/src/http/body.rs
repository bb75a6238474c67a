//! Reading a request's body within a size and a time.

use super::App;
use super::answer::{busy, refused};
use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::StatusCode;
use axum::response::Response;
use sync::Refusal;

/// The whole body, or the answer for one who sends too much, too slowly or not all.
pub(super) async fn read(app: &App, body: Body) -> Result<Bytes, Response> {
    read_up_to(app, body, app.limits.max_body_bytes).await
}

/// The same, of at most `limit` bytes.
pub(super) async fn read_up_to(app: &App, body: Body, limit: usize) -> Result<Bytes, Response> {
    let too_large = || refused(&Refusal::TooLarge { what: "request".into(), limit_bytes: limit as u64 });
    if axum::body::HttpBody::size_hint(&body).lower() > limit as u64 {
        return Err(too_large());
    }
    let mut request = Request::new(body);
    DefaultBodyLimit::max(limit).apply(&mut request);
    match tokio::time::timeout(app.limits.body_wait, Bytes::from_request(request, &())).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)))) => Err(too_large()),
        Ok(Err(_)) => Err(refused(&Refusal::Truncated)),
        Err(_) => Err(busy(StatusCode::REQUEST_TIMEOUT, 0)),
    }
}
