//! Which TLS the command line asks for.

use central::tls::TlsFrom;
use clap::Args;
use std::net::SocketAddr;
use std::path::PathBuf;

#[derive(Args)]
pub(super) struct TlsArguments {
    /// A DNS name or IP address under which stations reach the service, for its certificate; may be given again. Turns TLS on.
    #[arg(long, value_name = "NAME")]
    tls_name: Vec<String>,
    /// A certificate's PEM file instead of one of the service's own: its chain, whose last certificate stations will trust.
    #[arg(long, value_name = "FILE", requires = "tls_key", conflicts_with = "tls_name")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key, a PEM file.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Speak http without TLS: for tests, for loopback (where it is so anyway), and behind a proxy that speaks TLS.
    #[arg(long, conflicts_with_all = ["tls_name", "tls_cert"])]
    plain: bool,
}

impl TlsArguments {
    /// Beyond this machine a centre speaks TLS; a hub's stations know no authority but the centre's, so a hub does where
    /// it was given a certificate.
    pub(super) fn wanted(self, listen: SocketAddr, is_hub: bool) -> Result<Option<TlsFrom>, String> {
        let Self { tls_name: names, tls_cert, tls_key, plain } = self;
        if let (Some(chain), Some(key)) = (tls_cert, tls_key) {
            return Ok(Some(TlsFrom::Files { chain, key }));
        }
        if !names.is_empty() {
            return Ok(Some(TlsFrom::Own { names }));
        }
        if plain || is_hub || listen.ip().is_loopback() {
            return Ok(None);
        }
        if listen.ip().is_unspecified() {
            return Err(format!(
                "{listen} is every address of this machine: say with --tls-name by which name or address stations reach it, \
                 or --plain for http without TLS"
            ));
        }
        Ok(Some(TlsFrom::Own { names }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(plain: bool, names: &[&str]) -> TlsArguments {
        let tls_name = names.iter().map(|name| (*name).to_owned()).collect();
        TlsArguments { tls_name, tls_cert: None, tls_key: None, plain }
    }

    #[test]
    fn beyond_this_machine_tls_is_spoken_unless_somebody_said_otherwise() {
        let (here, lan, every) = ("127.0.0.1:1", "10.0.0.1:1", "0.0.0.0:1");
        let own = |names: &[&str]| Some(TlsFrom::Own { names: names.iter().map(|name| (*name).to_owned()).collect() });
        let wanted =
            |listen: &str, plain, names: &[&str], hub| arguments(plain, names).wanted(listen.parse().unwrap(), hub);
        assert_eq!(wanted(here, false, &[], false), Ok(None));
        assert_eq!(wanted(here, false, &["centre.example"], false), Ok(own(&["centre.example"])));
        assert_eq!(wanted(lan, false, &[], false), Ok(own(&[])));
        assert_eq!(wanted(lan, true, &[], false), Ok(None));
        assert_eq!(wanted(lan, false, &[], true), Ok(None));
        assert!(wanted(every, false, &[], false).is_err());
        assert_eq!(wanted(every, false, &["10.0.0.1"], false), Ok(own(&["10.0.0.1"])));
    }
}
