//! A whole site behind one line: a hub or two, a kiosk and a counter, each on a machine of its own, and the centre.

use super::clock::WallClock;
use super::hub::{Hub, PORT, order, verify};
use super::network::{CENTRE, HUB, Network, STANDBY};
use crate::centre::{Centre, PATIENCE, Places, program};
use crate::citizen::{CERTIFIED_COPY, MARITAL_STATUS, Served, Wish, serve};
use crate::evidence::judge;
use crate::hall::Hall;
use serde_json::{Value, json};
use station::config::{CentrePart, Config, HubPart};
use station::limits::Limits;
use std::path::PathBuf;
use tests::checker::Verdict;
use tests::fault::{Doing, wait_for};

/// The site, and all that happened there.
pub struct Site {
    pub hall: Hall,
    pub hub: Hub,
    /// The one that stands by, where the site has one.
    pub standby: Option<Hub>,
    pub clock: WallClock,
    pub network: Network,
    /// How many citizens got a dossier.
    pub served: usize,
    pub places: Places,
    _folder: tempfile::TempDir,
}

/// What a site is to be like.
#[derive(Clone, Copy, Default)]
pub struct Wanted {
    /// A second hub, which takes over when the first was silent for two seconds. All find each other on the network; else the
    /// one hub is named in the stations' files.
    pub standby: bool,
    /// Days without the centre's receipt after which nothing new is begun; zero: as stations have it by themselves.
    pub kiosk_days: u32,
    pub counter_days: u32,
}

impl Site {
    /// Lays the network and starts everything.
    pub fn open(wanted: Wanted) -> Self {
        let (folder, network) = (tempfile::tempdir().unwrap(), Network::lay());
        let clock = WallClock::at_eight(folder.path());
        let at = |name: &str| clock.over(network.place(name));
        let places = Places { centre: at("centre"), kiosk: at("kiosk"), counter: at("counter") };
        let centre = Centre::open_over(&places, &format!("{CENTRE}:{PORT}"));
        let site = Config::read(&centre.station("kiosk")).unwrap().station.site.to_string();
        let hub = |name: &str, address: &str, more: &[&str]| {
            let asked = ["invite", "--role", "hub", "--site", &site, "--label", name];
            let token = order(&places.centre, &centre.plan.central.store, &asked);
            Hub::start(at(name), &folder.path().join(name), address, &site, &token, more)
        };
        let named = if wanted.standby { &[] } else { &["--no-mdns"][..] };
        let standing_by = || hub("standby", STANDBY, &["--standby", "--promote-after", "2"]);
        let (hub, standby) = (hub("hub", HUB, named), wanted.standby.then(standing_by));
        let hubs = if wanted.standby { Vec::new() } else { vec![hub.url.clone()] };
        let hall = Hall::open_at(centre, &places, |centre| {
            configure(centre, "kiosk", &hubs, wanted.kiosk_days);
            configure(centre, "counter", &hubs, wanted.counter_days);
        });
        Self { hall, hub, standby, clock, network, served: 0, places, _folder: folder }
    }

    /// One citizen, with a receipt or done at once, from the kiosk to the door.
    pub fn serve(&mut self) -> Served {
        let procedure = if self.served.is_multiple_of(3) { MARITAL_STATUS } else { CERTIFIED_COPY };
        let served = serve(&mut self.hall, Wish { procedure, card: self.served.is_multiple_of(2) });
        self.served += 1;
        served
    }

    /// What the counter shows of its line and of what is wrong.
    pub fn counter(&mut self) -> Value {
        self.hall.counter.must("counter_view", &json!({}))
    }

    /// Waits until the counter has compared both ends and found them the same.
    pub fn wait_until_synced(&mut self) {
        self.hall.look("counter", "counter_view", &json!({}), |view| {
            (view["sync"]["waiting"] == 0 && !view["sync"]["synced_at"].is_null()).then_some(())
        });
    }

    /// How many events the centre holds, asked on its own machine.
    pub fn events_at_centre(&self) -> usize {
        let export = order(&self.places.centre, &self.store(), &["export", "--json"]);
        serde_json::from_str::<Value>(&export).unwrap()["events"].as_array().unwrap().len()
    }

    fn store(&self) -> PathBuf {
        self.hall.centre.plan.central.store.clone()
    }

    /// Everything is connected again: both ends are the same in number and hash, every log is whole, and nothing was lost
    /// or doubled, on paper as little as on disks.
    pub fn judge(mut self) -> Verdict {
        self.wait_until_synced();
        for role in ["counter", "kiosk"] {
            self.compare_ends(role);
        }
        // What a station wrote when it was started once more arrives too.
        let verdict = judge(&mut self.hall);
        assert_eq!(verdict.findings, []);
        assert_eq!(verdict.events_station, verdict.events_central);
        assert_eq!((verdict.tickets, verdict.dossiers), (self.hall.numbers.len(), self.served));
        [Some(&self.hub), self.standby.as_ref()].into_iter().flatten().for_each(Hub::verify);
        verify(&self.places.centre, &self.store());
        verdict
    }

    /// `motcua verify`: the station's store, and both ends log by log. What came meanwhile is fetched first.
    fn compare_ends(&mut self, role: &str) {
        let mut said = String::new();
        let same = wait_for("both ends the same", PATIENCE, || {
            let post = self.hall.post(role);
            post.stop();
            let mut command = post.place.command(program("motcua"));
            let asked = command.args(["verify", "--data"]).arg(&post.folder);
            let done = post.place.run(|| asked.output()).doing("motcua verify")?;
            said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
            let same = done.status.success() && said.contains("the other end: ");
            if !same {
                post.start();
            }
            Ok(same.then_some(()))
        });
        same.unwrap_or_else(|fault| panic!("{role}: {fault}: {said}"));
        println!("{role}: {said}");
    }
}

fn configure(centre: &Centre, role: &str, hubs: &[String], days: u32) {
    let folder = centre.station(role);
    let mut config = Config::read(&folder).unwrap();
    let url = format!("https://{CENTRE}:{PORT}");
    config.centre = config.centre.map(|part| CentrePart { url, ..part });
    config.hub = Some(HubPart { urls: hubs.to_vec(), search: None });
    let limits = Limits { free_disk_mb: 0, ..Limits::default() };
    config.limits = if days == 0 { limits } else { Limits { days_unconfirmed: days, ..limits } };
    config.write(&folder).unwrap();
}
