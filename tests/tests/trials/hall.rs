//! A kiosk and a counter as processes, each started again whenever it dies, as a technician would.

use crate::calls::Failure;
use crate::centre::{Centre, OFFICER, PATIENCE, PIN, Places};
use crate::desktop::Desktop;
use crate::evidence::Evidence;
use crate::process::{Killer, Process, Running, was_killed};
use serde_json::{Value, json};
use station::api::Problem;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use tests::fault::wait_for;
use tests::place::Place;

/// A hall with its stations and what was seen of them so far.
pub struct Hall {
    pub centre: Centre,
    pub kiosk: Post,
    pub counter: Post,
    pub evidence: Evidence,
    /// The day by the clock on the wall, where a scenario turns that on.
    pub day: String,
    /// Every number that a citizen got, after its day.
    pub numbers: BTreeSet<(String, String)>,
    /// Every dossier code that a citizen got.
    pub codes: BTreeSet<String>,
}

impl Hall {
    /// Opens both stations.
    pub fn open() -> Self {
        Self::open_after(|_| {})
    }

    /// The same; `prepare` sees the folders before anything runs in them.
    pub fn open_after(prepare: impl FnOnce(&Centre)) -> Self {
        Self::open_at(Centre::open(), &Places::default(), prepare)
    }

    /// The same of a centre that is open, each station at its place.
    pub fn open_at(centre: Centre, places: &Places, prepare: impl FnOnce(&Centre)) -> Self {
        prepare(&centre);
        let mut kiosk = Post::new(centre.station("kiosk"), places.kiosk.clone(), None);
        let mut counter = Post::new(centre.station("counter"), places.counter.clone(), Some((OFFICER, PIN)));
        kiosk.start();
        counter.start();
        let evidence = Evidence::new(centre.folder.path().join("evidence"));
        Self { centre, kiosk, counter, evidence, day: String::new(), numbers: BTreeSet::new(), codes: BTreeSet::new() }
    }

    /// Looks at a station's answer until `look` finds something in it. What one station waits for, the other may have to
    /// send: whichever dies meanwhile is started again.
    pub fn look<T>(&mut self, role: &str, name: &str, arguments: &Value, look: impl Fn(&Value) -> Option<T>) -> T {
        self.look_within(PATIENCE, role, name, arguments, look)
    }

    /// The same, waiting so long.
    pub fn look_within<T>(
        &mut self,
        patience: Duration,
        role: &str,
        name: &str,
        arguments: &Value,
        look: impl Fn(&Value) -> Option<T>,
    ) -> T {
        let mut last = Value::Null;
        let found = wait_for(name, patience, || {
            self.kiosk.tend();
            self.counter.tend();
            last = self.post(role).must(name, arguments);
            Ok(look(&last))
        });
        let brief = |name: &str| format!("{name}: {:#}", last[name]);
        let seen = || ["queue", "to_settle", "current", "sync", "problems", "paper"].map(brief).join("\n");
        found.unwrap_or_else(|fault| panic!("{fault}: {}; {}", seen(), self.post(role).log()))
    }

    /// The station of a role.
    pub fn post(&mut self, role: &str) -> &mut Post {
        if role == "kiosk" { &mut self.kiosk } else { &mut self.counter }
    }
}

/// A station's place: its folder, and the process that runs there now.
pub struct Post {
    pub folder: PathBuf,
    /// Where its programs run.
    pub place: Place,
    /// Account and PIN of whoever works here.
    officer: Option<(&'static str, &'static str)>,
    process: Option<Box<dyn Running>>,
    /// How often it was killed.
    pub deaths: u32,
    /// How long after its next start it is to be killed, where that is wanted.
    pub kill_after_start: Option<Duration>,
    /// Whether the station is the desktop app, in a window on a screen of its own.
    pub desktop: bool,
    /// How far its clock runs ahead of the machine's, from the next start on.
    pub clock_ahead_ms: i64,
}

impl Post {
    /// A station in `folder` that does not run yet.
    pub fn new(folder: PathBuf, place: Place, officer: Option<(&'static str, &'static str)>) -> Self {
        let (process, kill_after_start) = (None, None);
        Self { folder, place, officer, process, deaths: 0, kill_after_start, desktop: false, clock_ahead_ms: 0 }
    }

    /// A counter beside the hall's own.
    pub fn of(folder: PathBuf, officer: (&'static str, &'static str)) -> Self {
        Self::new(folder, Place::default(), Some(officer))
    }

    /// Starts it anew, to end itself at a named point.
    pub fn start_to_crash_at(&mut self, point: &str) {
        self.stop();
        self.process = Process::start(&self.folder, Some(point), drop).ok().map(|process| Box::new(process) as _);
        if self.process.is_none() || self.sign_in().is_err() {
            self.lost();
        }
    }

    /// Starts it, again and again where it dies on the way.
    pub fn start(&mut self) {
        loop {
            let kill_after = self.kill_after_start.take();
            let armed = |killer: Killer| {
                if let Some(delay) = kill_after {
                    kill_later(killer, delay);
                }
            };
            if self.desktop {
                self.process = Some(Box::new(Desktop::open(&self.folder)));
                return;
            }
            match Process::start_with(&self.place, &self.folder, &self.options(), None, armed) {
                Ok(process) => {
                    self.process = Some(Box::new(process));
                    if self.sign_in().is_ok() {
                        return;
                    }
                    self.lost();
                }
                Err(status) => {
                    assert!(was_killed(status), "{} did not start: {}", self.folder.display(), self.log());
                    self.deaths += 1;
                }
            }
        }
    }

    fn options(&self) -> Vec<String> {
        vec!["--clock-ahead-ms".into(), self.clock_ahead_ms.to_string()]
    }

    /// Calls a use case until it is answered: a station that dies over it is started again, and asked the same again.
    pub fn call(&mut self, name: &str, arguments: &Value) -> Result<Value, Problem> {
        loop {
            let Some(process) = &self.process else {
                self.start();
                continue;
            };
            match process.call(name, arguments) {
                Ok(value) => return Ok(value),
                Err(Failure::Problem(problem)) => return Err(problem),
                Err(Failure::Gone) => self.lost(),
            }
        }
    }

    /// Calls a use case that must succeed.
    pub fn must(&mut self, name: &str, arguments: &Value) -> Value {
        self.call(name, arguments).unwrap_or_else(|problem| panic!("{name}: {problem}; {}", self.log()))
    }

    /// Calls a use case that must be refused; gives the problem.
    pub fn refused(&mut self, name: &str, arguments: &Value) -> Problem {
        match self.call(name, arguments) {
            Err(problem) => problem,
            Ok(answer) => panic!("{name} was not refused: {answer}"),
        }
    }

    /// What kills the process that runs now.
    pub fn killer(&mut self) -> Killer {
        self.tend();
        self.process.as_ref().unwrap().killer()
    }

    /// Waits until the process has ended by itself.
    pub fn wait_for_death(&mut self) {
        if let Some(process) = &self.process {
            wait_for("the station's death", PATIENCE, || Ok(process.has_ended().then_some(()))).unwrap();
            self.lost();
        }
    }

    /// Starts it where it has died with nobody asking it anything.
    pub fn tend(&mut self) {
        if self.process.as_ref().is_some_and(|process| process.has_ended()) {
            self.lost();
        }
        if self.process.is_none() {
            self.start();
        }
    }

    /// Ends it.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// The process is gone: it was killed, and did not end in another way.
    fn lost(&mut self) {
        if let Some(process) = self.process.take() {
            let ended =
                wait_for("the process to end", Duration::from_secs(10), || Ok(process.has_ended().then_some(())));
            assert!(ended.is_ok(), "{} does not answer and lives: {}", self.folder.display(), self.log());
            assert!(process.was_killed(), "{} ended by itself: {}", self.folder.display(), self.log());
        }
        self.deaths += 1;
    }

    fn sign_in(&self) -> Result<(), ()> {
        let (Some((officer, pin)), Some(process)) = (self.officer, &self.process) else { return Ok(()) };
        let arguments = json!({ "officer": officer, "pin": pin });
        // A counter that was just enrolled learns of its accounts from the centre.
        let signed = wait_for("the sign-in", PATIENCE, || match process.call("counter_sign_in", &arguments) {
            Ok(_) => Ok(Some(Ok(()))),
            Err(Failure::Gone) => Ok(Some(Err(()))),
            Err(Failure::Problem(problem)) => Err(tests::fault::Fault::new("sign-in", problem)),
        });
        signed.unwrap_or_else(|fault| panic!("{fault}; {}", self.log()))
    }

    /// The end of what the station said.
    fn log(&self) -> String {
        let log = std::fs::read_to_string(self.folder.with_extension("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        format!("it said last:\n{}", lines[lines.len().saturating_sub(15)..].join("\n"))
    }
}

/// Kills a process after a while, where it still runs then.
pub fn kill_later(killer: Killer, delay: Duration) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let due = std::time::Instant::now() + delay;
        while let Some(left) = due.checked_duration_since(std::time::Instant::now()).filter(|left| !left.is_zero()) {
            std::thread::park_timeout(left);
        }
        killer.kill();
    })
}
