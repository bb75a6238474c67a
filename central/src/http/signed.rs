//! What stations ask, each request signed: read, check, call, answer.

use super::answer::{Fault, busy, cbor, framed};
use super::connection::Peer;
use super::fair::Turn;
use super::strangers::Stranger;
use super::{App, SharedApp, body};
use crate::service::AsStation;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use intake::event::Scope;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::net::IpAddr;
use std::time::Duration;
use sync::auth::RequestSignature;
use sync::earlier::{Earlier, EarlierAsk};
use sync::protocol::{Centre, PullAsk};
use sync::wire::from_cbor;
use sync::{CentreFault, Refusal, frame};
use tokio::time::Instant;

/// When one who catches up comes again.
const LATER_MS: u64 = 3_000;

/// Whose places a request takes.
#[derive(Clone, Copy)]
pub(super) enum Way {
    /// The log's: only large bodies need one.
    Log,
    /// The attachments': each request needs one, because its answer may be large.
    Scans,
}

pub(super) async fn heads(State(app): SharedApp, request: Request) -> Response {
    answer(&app, request, |centre, scopes: Vec<Scope>| centre.heads(&scopes)).await
}

pub(super) async fn push(State(app): SharedApp, request: Request) -> Response {
    let Whole { parts, bytes, turn } = match whole(&app, Way::Log, request).await {
        Ok(whole) => whole,
        Err(response) => return response,
    };
    let pushed = app.work(move |service| {
        let centre = authenticated(service, &parts, &bytes)?;
        let (segments, complete) = frame::decode_push(&bytes)?;
        if !complete {
            return Err(Refusal::Truncated.into());
        }
        centre.push(&segments)
    });
    let pushed = pushed.await;
    drop(turn);
    match pushed {
        Ok(outcomes) => framed(frame::encode_outcomes(&outcomes)),
        Err(fault) => Fault::from(fault).into_response(),
    }
}

pub(super) async fn lease(State(app): SharedApp, request: Request) -> Response {
    answer(&app, request, |centre, ask| centre.lease(&ask)).await
}

pub(super) async fn checkpoint(State(app): SharedApp, request: Request) -> Response {
    answer(&app, request, |centre, checkpoint| centre.checkpoint(&checkpoint)).await
}

pub(super) async fn earlier(State(app): SharedApp, request: Request) -> Response {
    answer(&app, request, |station, ask: EarlierAsk| station.earlier(&ask)).await
}

/// Answers when there is something, when the ask's time is over, or when the service stops, whichever is first.
pub(super) async fn pull(State(app): SharedApp, request: Request) -> Response {
    let Whole { parts, bytes, turn } = match whole(&app, Way::Log, request).await {
        Ok(whole) => whole,
        Err(response) => return response,
    };
    // The question was read; a wait for news holds nobody up.
    drop(turn);
    match pull_waiting(&app, parts, bytes).await {
        Ok(answer) => framed(frame::encode_pull(&answer)),
        Err(fault) => fault.into_response(),
    }
}

async fn pull_waiting(app: &App, parts: Parts, bytes: Bytes) -> Result<sync::protocol::PullAnswer, Fault> {
    let (centre, ask) = app.work(move |service| identify::<PullAsk>(service, &parts, &bytes)).await?;
    let until = Instant::now() + Duration::from_millis(ask.wait_ms).min(app.limits.pull_wait);
    let _waiting = app.metrics.pull_begins();
    loop {
        // The mark comes first: what is written while we look is then news, not missed.
        let mark = app.service.news().mark(&ask.scopes);
        let (asking, same) = (centre.clone(), ask.clone());
        let answer = app.work(move |_| asking.pull_now(&same)).await?;
        let has_news = !answer.segments.is_empty() || answer.roster != ask.roster;
        if has_news || app.service.news().is_closing() {
            return Ok(answer);
        }
        let news = app.service.news().beyond(&ask.scopes, mark);
        if tokio::time::timeout_at(until, news).await.is_err() {
            return Ok(answer);
        }
    }
}

/// Reads a request, finds out who asks, and answers what `call` says.
pub(super) async fn answer<A, R>(
    app: &App,
    request: Request,
    call: impl FnOnce(&AsStation, A) -> Result<R, CentreFault> + Send + 'static,
) -> Response
where
    A: DeserializeOwned + 'static,
    R: Serialize + Send + 'static,
{
    answer_by(app, Way::Log, request, call).await
}

/// The same, in the places of one way.
pub(super) async fn answer_by<A, R>(
    app: &App,
    way: Way,
    request: Request,
    call: impl FnOnce(&AsStation, A) -> Result<R, CentreFault> + Send + 'static,
) -> Response
where
    A: DeserializeOwned + 'static,
    R: Serialize + Send + 'static,
{
    let Whole { parts, bytes, turn } = match whole(app, way, request).await {
        Ok(whole) => whole,
        Err(response) => return response,
    };
    let answered = app.work(move |service| {
        let (centre, ask) = identify(service, &parts, &bytes)?;
        call(&centre, ask)
    });
    let answered = answered.await;
    drop(turn);
    match answered {
        Ok(answer) => cbor(&answer),
        Err(fault) => Fault::from(fault).into_response(),
    }
}

/// Who asks, and what, of a request that is held open: its turn is over when it was read.
pub(super) async fn asked<A: DeserializeOwned + Send + 'static>(
    app: &App,
    request: Request,
) -> Result<(AsStation, A), Response> {
    let Whole { parts, bytes, turn } = whole(app, Way::Log, request).await?;
    drop(turn);
    let asked = app.work(move |service| identify(service, &parts, &bytes)).await;
    asked.map_err(|fault| Fault::from(fault).into_response())
}

/// A request with its body, and its turn, which is held until the request is answered.
struct Whole {
    parts: Parts,
    bytes: Bytes,
    turn: Option<Turn>,
}

async fn whole(app: &App, way: Way, request: Request) -> Result<Whole, Response> {
    let (parts, body) = request.into_parts();
    let address = parts.extensions.get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.address);
    let (turns, size, limit) = match way {
        Way::Log => (&app.turns, axum::body::HttpBody::size_hint(&body).exact(), app.limits.max_body_bytes),
        Way::Scans => (&app.scans, None, super::blobs::MAX_BODY_BYTES.min(app.limits.max_body_bytes)),
    };
    let turn = turns.take(address, &parts.headers, size, app.limits.work_wait).await;
    let turn = turn.map_err(|()| busy(StatusCode::SERVICE_UNAVAILABLE, LATER_MS))?;
    let bytes = body::read_up_to(app, body, limit).await?;
    Ok(Whole { parts, bytes, turn })
}

/// Who asks, and what. Blocks: a signature is checked.
fn identify<A: DeserializeOwned>(
    service: &std::sync::Arc<crate::Service>,
    parts: &Parts,
    bytes: &[u8],
) -> Result<(AsStation, A), CentreFault> {
    Ok((authenticated(service, parts, bytes)?, from_cbor(bytes)?))
}

/// The service as the one sees it who signed this request.
fn authenticated(
    service: &std::sync::Arc<crate::Service>,
    parts: &Parts,
    bytes: &[u8],
) -> Result<AsStation, CentreFault> {
    let signature = RequestSignature::from_headers(|name| parts.headers.get(name)?.to_str().ok())?;
    let card = service.authenticate(&signature, parts.method.as_str(), parts.uri.path(), bytes)?;
    if let Some(stranger) = parts.extensions.get::<std::sync::Arc<Stranger>>() {
        stranger.is_known();
    }
    Ok(service.for_station(card))
}
