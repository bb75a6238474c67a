//! A station with no window: the same use cases over HTTP on this machine, for trials and for machines without a screen.

use axum::extract::{Path, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use clap::Parser;
use serde_json::Value;
use station::clock::MachineClock;
use station::{Station, bridge};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

/// A Một Cửa station with no window.
///
/// Use cases are called over HTTP on the loopback address: POST /call/NAME with a JSON object of arguments, such as
/// {"visit": "…"}; the answer is {"status":"ok","data":…} or {"status":"error","error":{"code":…}}.
/// GET /ready answers once the station is open.
#[derive(Parser)]
#[command(
    version,
    after_help = "Example:\n  motcua-station --data /srv/kiosk-1 --listen 127.0.0.1:7411\n  curl -s -d '{}' localhost:7411/call/kiosk_view"
)]
struct Options {
    /// The station's folder, with its station.toml.
    #[arg(long)]
    data: PathBuf,
    /// Where to listen; port 0 takes a free one, which is printed.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Run the clock this many milliseconds ahead of the machine's (or behind, when negative).
    #[arg(long, default_value_t = 0, allow_hyphen_values = true)]
    clock_ahead_ms: i64,
    /// Check and end: every chain, signature and receipt, the views rebuilt and compared; then both ends, if the centre answers.
    #[arg(long)]
    verify: bool,
    /// Write what the centre has not confirmed onto a stick, sealed for the centre, and end.
    #[arg(long, value_name = "FILE")]
    stick: Option<PathBuf>,
    /// Take in the receipts that came back from the centre on a stick, and end.
    #[arg(long, value_name = "FILE")]
    receipts: Option<PathBuf>,
    /// With --verify: this store only, the other end is not asked.
    #[arg(long, requires = "verify")]
    here: bool,
}

fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let options = Options::parse();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), String> {
    if !options.listen.ip().is_loopback() {
        return Err("the use cases are offered on the loopback address only, such as 127.0.0.1:7411".into());
    }
    if let Some(file) = &options.stick {
        let places = station::write_stick(&options.data, file, &MachineClock::ahead_by(options.clock_ahead_ms));
        println!("{} records", places.map_err(|problem| serde_json::json!(problem).to_string())?);
        return Ok(());
    }
    if let Some(file) = &options.receipts {
        let waiting = station::take_receipts(&options.data, file);
        println!("{} records still wait", waiting.map_err(|problem| serde_json::json!(problem).to_string())?);
        return Ok(());
    }
    if options.verify && options.here {
        let report = station::verify(&options.data).map_err(|problem| serde_json::json!(problem).to_string())?;
        println!("{} streams, {} events, {} segments", report.streams, report.events, report.segments);
        return report.difference.map_or(Ok(()), Err);
    }
    if options.verify {
        return verify(&options.data);
    }
    let clock = Arc::new(MachineClock::ahead_by(options.clock_ahead_ms));
    let station = Station::open(&options.data, clock).map_err(|problem| serde_json::json!(problem).to_string())?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| error.to_string())?;
    let served = runtime.block_on(serve(options.listen, station.clone()));
    station.stop();
    served.map_err(|error| error.to_string())
}

fn verify(folder: &std::path::Path) -> Result<(), String> {
    let report = station::verify_ends(folder).map_err(|problem| serde_json::json!(problem).to_string())?;
    report.seen.iter().for_each(|line| println!("{line}"));
    report.difference.map_or(Ok(()), Err)
}

async fn serve(listen: SocketAddr, station: Station) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind(listen).await?;
    println!("{}", listener.local_addr()?);
    let router =
        Router::new().route("/ready", get(async || "ready")).route("/call/{name}", post(call)).with_state(station);
    axum::serve(listener, router).with_graceful_shutdown(ended()).await
}

async fn ended() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn call(State(station): State<Station>, Path(name): Path<String>, body: String) -> Json<Value> {
    let arguments = serde_json::from_str(&body).unwrap_or(Value::Null);
    let outcome = tokio::task::spawn_blocking(move || bridge::answer(&station, &name, &arguments)).await;
    Json(outcome.unwrap_or_else(|error| serde_json::json!({ "status": "error", "error": { "code": "STATION-FAULT", "params": { "why": error.to_string() } } })))
}
