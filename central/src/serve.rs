//! Starting and stopping the service: a thread with a runtime of its own around a listener.

use crate::blobs::{BlobPlace, Depot, DepotFault};
use crate::clock::{self, Clock};
use crate::http::{self, App, Limits};
use crate::hub::{Hub, HubFault, Upstream};
use crate::service::Service;
use crate::store::CentreStore;
use crate::store_path::StorePath;
use crate::tls::{Tls, TlsFault, TlsFrom};
use intake::ids::SiteCode;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use sync::lan::Announced;
use sync::store::StoreFault;
use tokio::sync::watch;

/// How the service is run.
#[derive(Clone)]
pub struct Options {
    /// Where the centre itself is counted to stand, when its log is made.
    pub site: SiteCode,
    /// Where this one's own centre is, where it is a site's hub.
    pub upstream: Option<Upstream>,
    /// Where the certificate is from, where TLS is spoken.
    pub tls: Option<TlsFrom>,
    /// The clock.
    pub clock: Clock,
    /// Sizes, times and counts.
    pub limits: Limits,
    /// The log never grows beyond so many bytes, where that is said.
    pub max_store_bytes: Option<u64>,
    /// Where attachments are kept; where nobody says, in a folder beside the log. A hub keeps none.
    pub blobs: Option<BlobPlace>,
}

impl Default for Options {
    fn default() -> Self {
        let (site, clock, limits) = (SiteCode::new("00000"), clock::system(), Limits::default());
        Self { site, upstream: None, tls: None, clock, limits, max_store_bytes: None, blobs: None }
    }
}

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeFault {
    /// The log cannot be opened.
    #[error("the store: {0}")]
    Store(#[from] StoreFault),
    /// The hub cannot be opened.
    #[error(transparent)]
    Hub(#[from] HubFault),
    /// Attachments cannot be kept.
    #[error(transparent)]
    Blobs(#[from] DepotFault),
    /// No certificate.
    #[error(transparent)]
    Tls(#[from] TlsFault),
    /// The listener, the thread or the door file.
    #[error("{0}")]
    Io(#[from] std::io::Error),
    /// No randomness for the door's key.
    #[error(transparent)]
    NoRandomness(#[from] sync::wrap::NoRandomness),
}

/// A running service. Dropping it stops it.
pub struct Handle {
    address: SocketAddr,
    is_tls: bool,
    service: Arc<Service>,
    door: std::path::PathBuf,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
    _announced: Option<Announced>,
}

/// Opens the log and answers on `listener` until the handle is stopped or dropped.
///
/// # Errors
/// See [`ServeFault`].
pub fn serve(listener: TcpListener, store: &StorePath, options: Options) -> Result<Handle, ServeFault> {
    let address = listener.local_addr()?;
    listener.set_nonblocking(true)?;
    let mut announced = None;
    let opened: Box<dyn CentreStore> = match &options.upstream {
        None => store.open(&options.site)?,
        Some(upstream) => {
            let hub = Hub::open(store.hub_paths()?, &options.site, upstream, &options.clock)?;
            announced = upstream.on_the_lan.then(|| hub.announce(address, options.tls.is_some()));
            Box::new(hub)
        }
    };
    let announced = announced.transpose().unwrap_or_else(|fault| {
        tracing::error!(%fault, "stations must name this hub in their files");
        None
    });
    let open_tls = |from: &TlsFrom| Tls::open(from, store, address, &options.clock);
    let tls = options.tls.as_ref().map(open_tls).transpose()?;
    let service = Service::over(opened, options.clock);
    if options.upstream.is_none() {
        let place = options.blobs.unwrap_or_else(|| BlobPlace::folder(store.blobs()));
        if store.is_shared() && place.is_folder() {
            tracing::warn!("attachments are in a folder of this node: with several nodes say --blobs s3://BUCKET");
        }
        service.keep_blobs(Depot::open(&place, &store.arriving_blobs())?);
    }
    if let Some(tls) = &tls {
        service.be_known_by(tls.fingerprint());
    }
    options.max_store_bytes.map_or(Ok(()), |bytes| service.limit_bytes(bytes))?;
    let door_key = http::door::open(&store.door(), address, tls.is_some())?;
    let max_connections = crate::descriptors::connections(options.limits.max_connections);
    let limits = Limits { max_connections, ..options.limits };
    let app = App::new(Arc::clone(&service), limits, door_key);
    let is_tls = tls.is_some();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(limits.max_working + 2)
        .enable_all()
        .thread_name("central")
        .build()?;
    let (stop, stopped) = watch::channel(false);
    let thread = std::thread::Builder::new().name("central".into()).spawn(move || {
        runtime.block_on(http::listen(listener, app, tls.map(|tls| tls.config), stopped));
    })?;
    let door = store.door();
    Ok(Handle { address, is_tls, service, door, stop, thread: Some(thread), _announced: announced })
}

impl Handle {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens, as a station is told.
    pub fn url(&self) -> String {
        format!("{}://{}", if self.is_tls { "https" } else { "http" }, self.address)
    }

    /// The centre behind it, for one who is in the same process.
    pub fn service(&self) -> &Arc<Service> {
        &self.service
    }

    /// Takes no more connections, finishes what was begun, and returns.
    pub fn stop(mut self) {
        self.finish();
    }

    fn finish(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        self.stop.send_replace(true);
        if thread.join().is_err() {
            tracing::error!("the service's thread did not end well");
        }
        // One that is gone already (somebody cleaned up) is as good.
        let _ = std::fs::remove_file(&self.door);
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.finish();
    }
}
