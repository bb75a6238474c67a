//! What a site's hub answers besides the log: claims of tickets, and who leads.

use super::answer::{Fault, cbor, refused};
use super::signed::{answer, asked};
use super::{App, SharedApp, body};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use intake::event::Scope;
use std::time::Duration;
use sync::hub::{BEAT_MS, BoardAsk, BoardNews, ClaimAsk};
use sync::wire::{Fixed, from_cbor};
use sync::{CentreFault, Refusal};
use tokio::time::Instant;

pub(super) async fn claim(State(app): SharedApp, request: Request) -> Response {
    answer(&app, request, |station, ask: ClaimAsk| station.claim(&ask)).await
}

/// Answers when something else is called than the board shows, or after a heartbeat.
pub(super) async fn board(State(app): SharedApp, request: Request) -> Response {
    match board_waiting(&app, request).await {
        Ok(news) => cbor(&news),
        Err(response) => response,
    }
}

async fn board_waiting(app: &App, request: Request) -> Result<BoardNews, Response> {
    let (station, ask) = asked::<BoardAsk>(app, request).await?;
    let until = Instant::now() + Duration::from_millis(ask.wait_ms.min(BEAT_MS));
    let scopes = [Scope::site(&station.card().site)];
    loop {
        // The mark comes first: what is called while we look is then news, not missed.
        let mark = app.service.news().mark(&scopes);
        let news = station.board().map_err(|fault| Fault::from(fault).into_response())?;
        if news.version != ask.seen || app.service.news().is_closing() {
            return Ok(news);
        }
        if tokio::time::timeout_at(until, app.service.news().beyond(&scopes, mark)).await.is_err() {
            return Ok(news);
        }
    }
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
