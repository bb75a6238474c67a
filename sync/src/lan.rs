//! How a site's hubs are found on its network, by multicast DNS (RFC 6762, RFC 6763).
//!
//! What is heard is a hint and nothing more, because anybody on the network can say anything: whoever uses an address asks
//! there who it is, and believes a hub of the site that the centre knows ([`crate::hub::HubStatus::check`]).

use intake::ids::{SiteCode, StationId};
use mdns_sd::{IfKind, ServiceDaemon, ServiceEvent, ServiceInfo};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

const SERVICE: &str = "_motcua-hub._tcp.local.";
/// The site that a hub is of.
const SITE: &str = "site";
/// Present where the hub speaks TLS.
const TLS: &str = "tls";
/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_millis(500);

/// The network does not take part in it.
#[derive(Debug, thiserror::Error)]
#[error("hubs cannot be found on this network: {0}")]
pub struct NoLan(#[from] mdns_sd::Error);

/// A hub that tells where it is, for as long as this lives.
pub struct Announced {
    daemon: ServiceDaemon,
    name: String,
}

/// Tells the network that a hub of this site listens there; at 0.0.0.0, on all interfaces.
///
/// # Errors
/// [`NoLan`].
pub fn announce(hub: StationId, site: &SiteCode, address: SocketAddr, is_tls: bool) -> Result<Announced, NoLan> {
    let daemon = daemon()?;
    let (name, host) = (hub.to_string(), format!("{hub}.local."));
    let mut about = vec![(SITE, site.to_string())];
    about.extend(is_tls.then(|| (TLS, "1".to_owned())));
    let of = |ip: &str| ServiceInfo::new(SERVICE, &name, &host, ip, address.port(), &about[..]);
    let told = if address.ip().is_unspecified() { of("")?.enable_addr_auto() } else { of(&address.ip().to_string())? };
    let name = told.get_fullname().to_owned();
    daemon.register(told)?;
    Ok(Announced { daemon, name })
}

impl Drop for Announced {
    fn drop(&mut self) {
        // A goodbye is a courtesy: who does not hear it finds out at the next call.
        if let Ok(gone) = self.daemon.unregister(&self.name) {
            let _ = gone.recv_timeout(GOODBYE);
        }
        let _ = self.daemon.shutdown();
    }
}

/// A search that goes on for as long as this lives.
pub struct Search(ServiceDaemon);

/// Looks for hubs of this site; `found` gets each address that is told, as `http://IP:PORT` or `https://IP:PORT`, and may get
/// one again.
///
/// # Errors
/// [`NoLan`].
pub fn search(site: &SiteCode, found: impl Fn(&str) + Send + 'static) -> Result<Search, NoLan> {
    let daemon = daemon()?;
    let (heard, site) = (daemon.browse(SERVICE)?, site.to_string());
    let listen = move || {
        // Ends when the daemon does.
        while let Ok(event) = heard.recv() {
            if let ServiceEvent::ServiceResolved(hub) = event
                && hub.txt_properties.get_property_val_str(SITE) == Some(&site)
            {
                let scheme = if hub.txt_properties.get(TLS).is_some() { "https" } else { "http" };
                let addresses = hub.addresses.iter().map(mdns_sd::ScopedIp::to_ip_addr).filter(IpAddr::is_ipv4);
                addresses.for_each(|ip| found(&format!("{scheme}://{ip}:{}", hub.port)));
            }
        }
    };
    std::thread::Builder::new().name("hub-search".into()).spawn(listen).map_err(|fault| {
        let _ = daemon.shutdown();
        mdns_sd::Error::Msg(fault.to_string())
    })?;
    Ok(Search(daemon))
}

impl Drop for Search {
    fn drop(&mut self) {
        let _ = self.0.shutdown();
    }
}

/// IPv4 only: addresses of IPv6 within one link need the interface's name beside them, which no URL carries.
fn daemon() -> Result<ServiceDaemon, mdns_sd::Error> {
    let daemon = ServiceDaemon::new()?;
    daemon.disable_interface(IfKind::IPv6)?;
    Ok(daemon)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use uuid::Uuid;

    #[test]
    fn a_hub_of_the_site_is_found_and_another_sites_is_not() {
        let (here, there) = (SiteCode::new("00004"), SiteCode::new("00070"));
        let (tell, told) = mpsc::channel();
        let _other = announce(StationId(Uuid::now_v7()), &there, "127.0.0.1:7401".parse().unwrap(), false).unwrap();
        let _searching = search(&here, move |url| drop(tell.send(url.to_owned()))).unwrap();
        let _hub = announce(StationId(Uuid::now_v7()), &here, "127.0.0.1:7402".parse().unwrap(), false).unwrap();
        let _sure = announce(StationId(Uuid::now_v7()), &here, "127.0.0.1:7403".parse().unwrap(), true).unwrap();
        let mut found = [told.recv_timeout(Duration::from_secs(20)).unwrap(), String::new()];
        while found[1].is_empty() || found[1] == found[0] {
            found[1] = told.recv_timeout(Duration::from_secs(20)).unwrap();
        }
        found.sort();
        assert_eq!(found, ["http://127.0.0.1:7402", "https://127.0.0.1:7403"]);
    }
}
