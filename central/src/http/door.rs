//! The administrator's door: orders to a service that runs, from its own machine only, with the key in a file that only
//! the service's user can read.

use super::connection::Peer;
use super::{SharedApp, body};
use crate::order::Order;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use sync::wire::hex;
use sync::wrap::random;

/// Where orders go.
pub const PATH: &str = "/v1/order";

/// What the door file holds: where the service listens and the key that opens it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Door {
    /// Where the service listens on this machine.
    pub address: SocketAddr,
    /// The key, new at every start.
    pub key: String,
    /// It speaks TLS.
    #[serde(default)]
    pub tls: bool,
}

/// The hash of the door's key.
pub(crate) struct DoorKey(blake3::Hash);

/// Writes the door file, readable by this user alone.
pub(crate) fn open(path: &Path, address: SocketAddr, tls: bool) -> Result<DoorKey, crate::ServeFault> {
    let key = hex(&random::<32>()?);
    let door = Door { address: reachable(address), key: key.clone(), tls };
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // One that a killed service left behind; a file that is made anew has no rights but ours.
    let _ = std::fs::remove_file(path);
    let mut file = options.open(path)?;
    file.write_all(json!(door).to_string().as_bytes())?;
    Ok(DoorKey(blake3::hash(key.as_bytes())))
}

pub(super) async fn order(
    State(app): SharedApp,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
    request: Request,
) -> Response {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    // Hashes compare in constant time.
    let known = bearer.is_some_and(|key| blake3::hash(key.as_bytes()) == app.door_key.0);
    if !known || !peer.is_here {
        return failed(StatusCode::FORBIDDEN, "the door is for this machine's administrator");
    }
    let bytes = match body::read(&app, request.into_body()).await {
        Ok(bytes) => bytes,
        Err(response) => return response,
    };
    let order: Order = match serde_json::from_slice(&bytes) {
        Ok(order) => order,
        Err(fault) => return failed(StatusCode::UNPROCESSABLE_ENTITY, &fault.to_string()),
    };
    let done = app.work(move |service| Ok(order.carry_out(service).map_err(|fault| fault.to_string()))).await;
    match done {
        Ok(Ok(answer)) => Json(answer).into_response(),
        Ok(Err(fault)) => failed(StatusCode::CONFLICT, &fault),
        Err(fault) => failed(StatusCode::SERVICE_UNAVAILABLE, &fault.to_string()),
    }
}

fn failed(status: StatusCode, why: &str) -> Response {
    let body: Value = json!({ "error": why });
    (status, Json(body)).into_response()
}

/// Where this machine itself reaches a service that listens everywhere.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => std::net::Ipv4Addr::LOCALHOST.into(),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        other => other.ip(),
    };
    SocketAddr::new(ip, address.port())
}
