//! The desktop app as a kiosk, in a real window under Xvfb, killed at random like its headless sister.

use crate::calls::Failure;
use crate::centre::{PATIENCE, program};
use crate::citizen::{CERTIFIED_COPY, Wish, serve};
use crate::evidence::judge;
use crate::hall::{Hall, kill_later};
use crate::process::{Killer, Running};
use crate::random_cuts::{Dice, trials};
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};
use tests::fault::wait_for;
use tests::webdriver::{Start, Window};

/// The app with its window; both end when this is dropped.
pub struct Desktop {
    window: Option<Window>,
    pid: i32,
}

/// The next program may use the folder only when the app is gone, whatever its window's driver says.
impl Drop for Desktop {
    fn drop(&mut self) {
        drop(self.window.take());
        let gone = || Ok((!Path::new(&format!("/proc/{}", self.pid)).exists()).then_some(()));
        if let Err(fault) = wait_for("the app's end", PATIENCE, gone) {
            eprintln!("{fault}");
        }
    }
}

impl Desktop {
    /// Opens the kiosk's window and waits for its page.
    pub fn open(folder: &Path) -> Self {
        let start = Start {
            binary: program("motcua"),
            args: vec!["--role".into(), "kiosk".into(), "--data".into(), folder.display().to_string()],
            screen_px: (1080, 1920),
            home: folder.with_extension("window"),
        };
        let window = Window::open(&start).unwrap();
        let pid = window.app_pid().unwrap();
        Self { window: Some(window), pid }
    }
}

impl Running for Desktop {
    fn call(&self, name: &str, arguments: &Value) -> Result<Value, Failure> {
        let window = self.window.as_ref().ok_or(Failure::Gone)?;
        window.invoke(name, arguments).map_err(|fault| {
            // A refusal is the problem as JSON behind the command's name; anything else is a window that is gone.
            let problem = fault.0.find('{').and_then(|at| serde_json::from_str(&fault.0[at..]).ok());
            problem.map_or(Failure::Gone, Failure::Problem)
        })
    }

    fn has_ended(&self) -> bool {
        self.window.as_ref().is_none_or(|window| window.app_pid().is_err())
    }

    fn killer(&self) -> Killer {
        Killer::Grandchild(self.pid)
    }

    /// How a grandchild ended is not told to us.
    fn was_killed(&self) -> bool {
        self.has_ended()
    }
}

#[test]
fn power_cuts_of_the_desktop_app_lose_and_double_nothing() {
    let cuts = trials() / 10;
    let mut dice = Dice::thrown("desktop cuts");
    let mut hall = Hall::open();
    hall.kiosk.stop();
    hall.kiosk.desktop = true;
    let (mut citizens, mut longest) = (0, Duration::from_secs(1));
    while hall.kiosk.deaths < cuts {
        let killer = hall.kiosk.killer();
        let begun = Instant::now();
        let cut = kill_later(killer, dice.up_to(longest));
        serve(&mut hall, Wish { procedure: CERTIFIED_COPY, card: dice.one_in(3) });
        longest = longest.max(begun.elapsed().min(Duration::from_secs(2)));
        cut.join().unwrap();
        hall.kiosk.tend();
        citizens += 1;
    }
    hall.kiosk.desktop = false;
    let verdict = judge(&mut hall);
    assert_eq!(verdict.findings, []);
    assert_eq!((verdict.tickets, verdict.dossiers), (citizens, citizens));
    assert_eq!(verdict.events_station, verdict.events_central);
    println!("{} cuts of the desktop app, {citizens} citizens", hall.kiosk.deaths);
}
