//! What a site's hub answers besides the log: claims of tickets, and who leads.

use super::answer::{Fault, cbor, refused};
use super::signed::answer;
use super::{SharedApp, body};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use sync::hub::ClaimAsk;
use sync::wire::{Fixed, from_cbor};
use sync::{CentreFault, Refusal};

pub(super) async fn claim(State(app): SharedApp, request: Request) -> Response {
    answer(&app, request, |station, ask: ClaimAsk| station.claim(&ask)).await
}

/// Anybody may ask: what is told is who this hub is, and is signed.
pub(super) async fn status(State(app): SharedApp, request: Request) -> Response {
    let bytes = match body::read(&app, request.into_body()).await {
        Ok(bytes) => bytes,
        Err(response) => return response,
    };
    let nonce: Fixed<16> = match from_cbor(&bytes) {
        Ok(nonce) => nonce,
        Err(refusal) => return refused(&refusal),
    };
    let status = app.work(move |service| {
        let authority = service.authority().ok_or_else(no_hub)?;
        Ok(authority.status(&nonce))
    });
    match status.await {
        Ok(status) => cbor(&status),
        Err(fault) => Fault::from(fault).into_response(),
    }
}

/// What a centre says that is no site's hub.
pub(crate) fn no_hub() -> CentreFault {
    Refusal::NotFound { what: "a site's hub".into() }.into()
}
