//! A site's hub as a program, which can be killed and started again.

use super::network::CENTRE;
use crate::centre::{program, serve};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use tests::place::Place;

/// The port of every hub, and the centre's.
pub const PORT: u16 = 7400;

/// A hub's machine, and the program while it runs.
pub struct Hub {
    place: Place,
    pub url: String,
    pub store: PathBuf,
    arguments: Vec<String>,
    running: Option<Child>,
}

impl Hub {
    /// Starts it for the first time, with a token of the centre.
    pub fn start(place: Place, folder: &Path, address: &str, site: &str, token: &str, more: &[&str]) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let (listen, upstream) = (format!("{address}:{PORT}"), format!("https://{CENTRE}:{PORT}"));
        let store = folder.join("hub.db");
        let kept = format!("sqlite:{}", store.display());
        let arguments =
            ["serve", "--listen", &listen, "--store", &kept, "--site", site, "--upstream", &upstream, "--token", token];
        let arguments = arguments.iter().chain(more).map(|word| (*word).to_owned()).collect();
        let mut hub = Self { place, url: format!("http://{listen}"), store, arguments, running: None };
        hub.start_again();
        hub
    }

    /// Starts it over its own log.
    pub fn start_again(&mut self) {
        self.running = Some(serve(&self.place, &self.arguments).unwrap());
    }

    /// SIGKILL: no goodbye.
    pub fn kill(&mut self) {
        if let Some(mut running) = self.running.take() {
            // An error is a process that has ended.
            let _ = running.kill();
            running.wait().unwrap();
        }
    }

    /// Its machine, and the file of its log.
    pub fn place_and_store(&self) -> (Place, PathBuf) {
        (self.place.clone(), self.store.clone())
    }

    /// Checks its whole log.
    pub fn verify(&self) {
        verify(&self.place, &self.store);
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A command of motcua-central on a log, at its place: what it prints.
pub fn order(place: &Place, store: &Path, words: &[&str]) -> String {
    let mut command: Command = place.command(program("motcua-central"));
    command.args(words).arg("--store").arg(format!("sqlite:{}", store.display()));
    let done = place.run(|| command.output()).unwrap();
    assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&[done.stdout, done.stderr].concat()));
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// `motcua-central verify`, which ends with 1 where anything differs.
pub fn verify(place: &Place, store: &Path) {
    println!("{}: {}", store.display(), order(place, store, &["verify"]));
}
