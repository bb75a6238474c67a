//! The hubs of one site, as somebody sees them who asks them all who leads: by their addresses, which a file names or the
//! network tells.

use crate::hub::HubStatus;
use crate::lan::{NoLan, Search, search};
use crate::wire::PublicKey;
use crate::{CentreFault, HttpCentre};
use intake::authority::Rank;
use intake::ids::SiteCode;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many addresses that the network told are kept at once. One at which no hub of the site was ever met makes room first.
const MAX_TOLD: usize = 8;

/// Makes the line to an address.
pub type Dial = Box<dyn Fn(&str) -> HttpCentre + Send + Sync>;

/// All that are known.
pub struct Hubs {
    site: SiteCode,
    centre: PublicKey,
    dial: Dial,
    ends: Mutex<Vec<End>>,
}

#[derive(Clone)]
struct End {
    url: String,
    line: Arc<HttpCentre>,
    /// In the file; else the network told it.
    is_named: bool,
    /// A hub of the site answered there.
    was_met: bool,
}

/// A hub that answered.
pub struct Heard<L = HttpCentre> {
    /// The line to it.
    pub line: Arc<L>,
    /// What it said.
    pub status: HubStatus,
    /// Its rank.
    pub rank: Rank,
}

/// The hubs of one site, whatever the lines to them are.
pub trait Peers {
    /// A line to a hub, or to the centre.
    type Line;
    /// How many hubs are known.
    fn count(&self) -> usize;
    /// Asks all who they are; gives those that are hubs of this site.
    fn ask_all(&self) -> Vec<Heard<Self::Line>>;
}

impl Peers for Hubs {
    type Line = HttpCentre;

    fn count(&self) -> usize {
        Hubs::count(self)
    }

    fn ask_all(&self) -> Vec<Heard> {
        Hubs::ask_all(self)
    }
}

impl Hubs {
    /// Those at the addresses of a file. `centre` is the key of the centre that knows them.
    pub fn new(site: SiteCode, centre: PublicKey, named: &[String], dial: Dial) -> Self {
        let end = |url: &String| End { url: url.clone(), line: Arc::new(dial(url)), is_named: true, was_met: false };
        let ends = named.iter().map(end).collect();
        Self { site, centre, dial, ends: Mutex::new(ends) }
    }

    fn ends(&self) -> MutexGuard<'_, Vec<End>> {
        self.ends.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many addresses are known.
    pub fn count(&self) -> usize {
        self.ends().len()
    }

    /// Looks on the network too, for as long as the search lives.
    ///
    /// # Errors
    /// [`NoLan`].
    pub fn search(self: &Arc<Self>) -> Result<Search, NoLan> {
        let hubs = Arc::downgrade(self);
        search(&self.site, move |url| {
            if let Some(hubs) = hubs.upgrade() {
                hubs.told(url);
            }
        })
    }

    /// Keeps an address that the network told.
    fn told(&self, url: &str) {
        let mut ends = self.ends();
        if ends.iter().any(|end| end.url == url) {
            return;
        }
        if ends.iter().filter(|end| !end.is_named).count() >= MAX_TOLD {
            let Some(idle) = ends.iter().position(|end| !end.is_named && !end.was_met) else {
                return tracing::warn!(url, "more hubs are told than a site has: this one is not asked");
            };
            ends.remove(idle);
        }
        tracing::info!(url, "the network tells of a hub of this site");
        ends.push(End { url: url.to_owned(), line: Arc::new((self.dial)(url)), is_named: false, was_met: false });
    }

    /// Asks all at once who they are; gives those that are hubs of this site.
    pub fn ask_all(&self) -> Vec<Heard> {
        let ends = self.ends().clone();
        let answers: Vec<_> = std::thread::scope(|scope| {
            let ask = |end: &End| {
                let line = Arc::clone(&end.line);
                scope.spawn(move || line.hub_status(&self.site, &self.centre))
            };
            let asked: Vec<_> = ends.iter().map(ask).collect();
            asked.into_iter().map(|thread| thread.join().ok().and_then(Result::ok)).collect()
        });
        let mut heard = Vec::new();
        for (end, (status, rank)) in ends.into_iter().zip(answers).filter_map(|(end, answer)| Some((end, answer?))) {
            if !end.was_met
                && let Some(known) = self.ends().iter_mut().find(|known| known.url == end.url)
            {
                known.was_met = true;
            }
            heard.push(Heard { line: end.line, status, rank });
        }
        heard
    }
}

/// Why a hub is not asked further.
pub fn is_gone(fault: &CentreFault) -> bool {
    matches!(fault, CentreFault::Unreachable(_) | CentreFault::Untrusted(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Fixed;
    use intake::moment::Moment;

    fn hubs(named: &[&str]) -> Hubs {
        let named: Vec<String> = named.iter().map(|url| (*url).to_owned()).collect();
        let dial: Dial = Box::new(|url| HttpCentre::new(url, Box::new(|| Moment(0))));
        Hubs::new(SiteCode::new("00004"), Fixed([0; 32]), &named, dial)
    }

    #[test]
    fn whoever_floods_the_network_pushes_out_no_hub_that_was_named_or_met() {
        let hubs = hubs(&["http://192.0.2.1:1"]);
        hubs.told("http://192.0.2.2:1");
        hubs.ends()[1].was_met = true;
        (0..100).for_each(|port| hubs.told(&format!("http://192.0.2.3:{port}")));
        assert_eq!(hubs.count(), 1 + MAX_TOLD);
        let kept: Vec<_> = hubs.ends()[..2].iter().map(|end| end.url.clone()).collect();
        assert_eq!(kept, ["http://192.0.2.1:1", "http://192.0.2.2:1"]);
        hubs.told("http://192.0.2.2:1");
        assert_eq!(hubs.count(), 1 + MAX_TOLD);
    }
}
