//! `serve`: start, say where, wait for the signal, stop.

use super::{Fault, Serve, say};
use central::http::Limits;
use central::hub::Upstream;
use central::invitation::Guest;
use central::order::Order;
use central::{Handle, Options, serve};
use serde_json::json;
use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

pub(super) fn run(arguments: Serve) -> Result<ExitCode, Fault> {
    let listener = TcpListener::bind(arguments.listen)
        .map_err(|fault| format!("cannot listen on {}: {fault}", arguments.listen))?;
    let limits = Limits { max_connections: arguments.max_connections, ..Limits::default() };
    let tls = arguments.tls.wanted(arguments.listen, arguments.upstream.is_some())?;
    let max_store_bytes = arguments.max_store_mib.map(|mib| mib.saturating_mul(1 << 20));
    let upstream = arguments.upstream.map(|url| Upstream {
        url,
        token: arguments.token,
        peers: arguments.peer,
        stands_by: arguments.standby,
        promote_after: arguments.promote_after.map(Duration::from_secs),
        on_the_lan: !arguments.no_mdns && !arguments.listen.ip().is_loopback(),
    });
    let (site, blobs) = (arguments.site, arguments.blobs);
    let options = Options { site, upstream, tls, limits, max_store_bytes, blobs, ..Options::default() };
    let signals = signals()?;
    let handle = serve(listener, &arguments.stored.place(), options)?;
    say(&json!({ "listening": handle.url() }).to_string())?;
    if let Some(file) = &arguments.invite_file {
        invite_all(&handle, file)?;
    }
    tracing::info!(address = %handle.address(), "the centre is open");
    signals.wait();
    tracing::info!("stopping: requests that were begun are finished");
    handle.stop();
    Ok(ExitCode::SUCCESS)
}

fn invite_all(handle: &Handle, file: &Path) -> Result<(), Fault> {
    let unreadable = |fault: &dyn std::fmt::Display| format!("{}: {fault}", file.display());
    let text = std::fs::read(file).map_err(|fault| unreadable(&fault))?;
    let guests: Vec<Guest> = serde_json::from_slice(&text).map_err(|fault| unreadable(&fault))?;
    for guest in guests {
        say(&Order::Invite(guest).carry_out(handle.service())?.to_string())?;
    }
    Ok(())
}

/// SIGTERM and SIGINT, heard from the moment that it is made.
struct Signals {
    runtime: tokio::runtime::Runtime,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
fn signals() -> Result<Signals, Fault> {
    use tokio::signal::unix::{SignalKind, signal};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let entered = runtime.enter();
    let (terminate, interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    drop(entered);
    Ok(Signals { runtime, terminate, interrupt })
}

#[cfg(not(unix))]
fn signals() -> Result<Signals, Fault> {
    Ok(Signals { runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()? })
}

impl Signals {
    #[cfg(unix)]
    fn wait(self) {
        let Self { runtime, mut terminate, mut interrupt } = self;
        runtime.block_on(async {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        });
    }

    #[cfg(not(unix))]
    fn wait(self) {
        // Where the signal cannot be heard the service runs until it is killed, which loses nothing.
        if self.runtime.block_on(tokio::signal::ctrl_c()).is_err() {
            std::thread::park();
        }
    }
}
