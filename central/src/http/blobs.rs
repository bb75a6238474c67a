//! Attachments over HTTP. They have places of their own, so that no scan takes the place of a record.

use super::SharedApp;
use super::signed::{Way, answer_by};
use axum::extract::{Request, State};
use axum::response::Response;
use sync::blob::protocol::{Blobs, GetAsk, MAX_PART_BYTES, Named, Part};

/// A part, and what is said of it.
pub(super) const MAX_BODY_BYTES: usize = MAX_PART_BYTES + (4 << 10);

pub(super) async fn held(State(app): SharedApp, request: Request) -> Response {
    answer_by(&app, Way::Scans, request, |station, of: Named| station.held(&of)).await
}

pub(super) async fn put(State(app): SharedApp, request: Request) -> Response {
    answer_by(&app, Way::Scans, request, |station, part: Part| station.put(&part)).await
}

pub(super) async fn get(State(app): SharedApp, request: Request) -> Response {
    answer_by(&app, Way::Scans, request, |station, ask: GetAsk| station.get(&ask)).await
}
