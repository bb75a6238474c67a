//! What strangers may ask: to be enrolled with a token, and how far a dossier is. Each address has a rate.

use super::answer::{Fault, busy, cbor, refused};
use super::connection::Peer;
use super::{App, SharedApp, body};
use axum::Extension;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::time::Instant;
use sync::Refusal;
use sync::protocol::{EnrolAsk, path};
use sync::wire::from_cbor;

pub(super) async fn enrol(State(app): SharedApp, Extension(peer): Extension<Peer>, request: Request) -> Response {
    if let Some(response) = turned_away(&app, peer) {
        return response;
    }
    let bytes = match body::read(&app, request.into_body()).await {
        Ok(bytes) => bytes,
        Err(response) => return response,
    };
    let enrolled = app.work(move |service| service.enrol(&from_cbor::<EnrolAsk>(&bytes)?)).await;
    match enrolled {
        Ok(enrolment) => cbor(&enrolment),
        Err(fault) => Fault::from(fault).into_response(),
    }
}

/// Code and state; JSON for a browser, CBOR for who asks for it. Every text that names no dossier gets the same answer.
pub(super) async fn state(
    State(app): SharedApp,
    Extension(peer): Extension<Peer>,
    Path(code): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Some(response) = turned_away(&app, peer) {
        return response;
    }
    let as_cbor = headers.get(header::ACCEPT).is_some_and(|accept| accept.as_bytes() == path::CBOR.as_bytes());
    let state = match app.work(move |service| service.public_state(&code)).await {
        Ok(state) => state,
        Err(fault) => return Fault::from(fault).into_response(),
    };
    match (state, as_cbor) {
        (Some(state), true) => cbor(&state),
        (Some(state), false) => Json(state).into_response(),
        (None, true) => refused(&no_dossier()),
        (None, false) => (StatusCode::NOT_FOUND, Json(no_dossier())).into_response(),
    }
}

/// A path that is none of ours.
pub(super) async fn nothing_here() -> Response {
    refused(&Refusal::NotFound { what: "path".into() })
}

fn no_dossier() -> Refusal {
    Refusal::NotFound { what: "dossier".into() }
}

/// The answer for an address that asks too often.
fn turned_away(app: &App, peer: Peer) -> Option<Response> {
    let allowed = app.strangers.allows(peer.address, Instant::now());
    (!allowed).then(|| busy(StatusCode::TOO_MANY_REQUESTS, 1_000))
}
