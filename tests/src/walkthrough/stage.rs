//! The processes: one central service and one window a role, on a demo centre that was prepared in a folder.

use crate::fault::{Doing, Fault, Outcome, wait_for};
use crate::webdriver::processes::end_with_us;
use crate::webdriver::{PATIENCE, Start, Window};
use serde::Deserialize;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where the programs are.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The desktop app.
    pub motcua: PathBuf,
    /// The central service.
    pub central: PathBuf,
}

impl Programs {
    /// The programs in a folder such as `target/debug`.
    ///
    /// # Errors
    /// When one is missing, naming it.
    pub fn in_folder(folder: &Path) -> Outcome<Self> {
        let find = |name: &str| {
            let path = folder.join(name);
            path.canonicalize().doing(format_args!("looking for {}", path.display()))
        };
        Ok(Self { motcua: find("motcua")?, central: find("motcua-central")? })
    }
}

/// What `motcua prepare-demo` prints: how each part is started.
#[derive(Debug, Clone, Deserialize)]
pub struct Plan {
    /// The service.
    pub central: CentralPlan,
    /// The windows, by role.
    pub stations: StationPlans,
}

/// How the service is started, and where it listens.
#[derive(Debug, Clone, Deserialize)]
pub struct CentralPlan {
    /// `host:port`, the service's own address, not the cable's.
    pub listen: String,
    /// Its arguments.
    pub args: Vec<String>,
}

/// How each window is started.
#[derive(Debug, Clone, Deserialize)]
pub struct StationPlans {
    /// The kiosk.
    pub kiosk: StationPlan,
    /// The counter.
    pub counter: StationPlan,
    /// The board.
    pub board: StationPlan,
    /// The dock.
    pub dock: StationPlan,
}

/// How a window is started.
#[derive(Debug, Clone, Deserialize)]
pub struct StationPlan {
    /// The app's arguments.
    pub args: Vec<String>,
}

/// A window's role: its screen, and where its folders are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The kiosk, portrait as it stands in the hall.
    Kiosk,
    /// The officer's counter.
    Counter,
    /// The board on the wall.
    Board,
    /// The dock.
    Dock,
}

impl Role {
    /// The role's name, which is also its folder's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kiosk => "kiosk",
            Self::Counter => "counter",
            Self::Board => "board",
            Self::Dock => "dock",
        }
    }

    fn screen_px(self) -> (u32, u32) {
        match self {
            Self::Kiosk => (1080, 1920),
            Self::Counter => (1366, 768),
            Self::Board => (1920, 1080),
            Self::Dock => (1600, 1000),
        }
    }
}

/// A prepared demo centre whose service runs; it ends when this is dropped.
#[derive(Debug)]
pub struct Stage {
    /// The folder of the demo centre.
    pub folder: PathBuf,
    plan: Plan,
    programs: Programs,
    central: Child,
}

impl Stage {
    /// Prepares a demo centre in `folder` and starts its service.
    ///
    /// # Errors
    /// When a program fails, with what it said.
    pub fn set(programs: Programs, folder: &Path) -> Outcome<Self> {
        fs::create_dir_all(folder).doing(format_args!("making {}", folder.display()))?;
        let plan = prepare(&programs, folder)?;
        let central = start_central(&programs, &plan, folder)?;
        let stage = Self { folder: folder.to_owned(), plan, programs, central };
        wait_for("the central service", PATIENCE, || Ok(stage.get("healthz")?.contains("ok").then_some(())))?;
        Ok(stage)
    }

    /// Opens a role's window, or opens it again after its app was killed.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn open(&self, role: Role) -> Outcome<Window> {
        let plans = &self.plan.stations;
        let plan = match role {
            Role::Kiosk => &plans.kiosk,
            Role::Counter => &plans.counter,
            Role::Board => &plans.board,
            Role::Dock => &plans.dock,
        };
        let start = Start {
            binary: self.programs.motcua.clone(),
            args: plan.args.clone(),
            screen_px: role.screen_px(),
            home: self.folder.join("windows").join(role.name()),
        };
        Window::open(&start).doing(format_args!("opening the {} window", role.name()))
    }

    /// Asks the service for something public.
    ///
    /// # Errors
    /// When it does not answer with success.
    pub fn get(&self, path: &str) -> Outcome<String> {
        let url = format!("http://{}/{path}", self.plan.central.listen);
        let mut answer = ureq::get(&url).header("accept", "application/json").call().doing(path)?;
        answer.body_mut().read_to_string().doing(path)
    }

    /// Whether the service still runs.
    ///
    /// # Errors
    /// When it has ended.
    pub fn central_runs(&mut self) -> Outcome<()> {
        match self.central.try_wait().doing("the central service")? {
            None => Ok(()),
            Some(status) => Err(Fault::new("the central service", format_args!("ended with {status}"))),
        }
    }

    /// Ends the service as an operator would, with SIGTERM, so that its file is whole.
    ///
    /// # Errors
    /// When it does not end.
    pub fn strike(mut self) -> Outcome<()> {
        self.central_runs()?;
        terminate(&self.central);
        let ended = wait_for("the central service to end", PATIENCE, || self.central.try_wait().doing("waiting"))?;
        if ended.success() {
            Ok(())
        } else {
            Err(Fault::new("the central service", format_args!("ended with {ended}")))
        }
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Both fail only when it has already ended.
        let _ = self.central.kill();
        let _ = self.central.wait();
    }
}

fn prepare(programs: &Programs, folder: &Path) -> Outcome<Plan> {
    let ran = Command::new(&programs.motcua).args(["prepare-demo", "--lines", "serial", "--data"]).arg(folder).output();
    let ran = ran.doing("motcua prepare-demo")?;
    if !ran.status.success() {
        return Err(Fault::new("motcua prepare-demo", String::from_utf8_lossy(&ran.stderr)));
    }
    serde_json::from_slice(&ran.stdout).doing("reading what motcua prepare-demo printed")
}

fn start_central(programs: &Programs, plan: &Plan, folder: &Path) -> Outcome<Child> {
    let log = || {
        File::options().create(true).append(true).open(folder.join("central.log")).doing("opening the service's log")
    };
    end_with_us(&mut Command::new(&programs.central))
        .args(&plan.central.args)
        .stdin(Stdio::null())
        .stdout(log()?)
        .stderr(log()?)
        .spawn()
        .doing("starting motcua-central")
}

#[expect(unsafe_code, reason = "a signal to a process that we started; std knows SIGKILL only")]
fn terminate(child: &Child) {
    if let Ok(pid) = i32::try_from(child.id()) {
        unsafe { libc::kill(pid, libc::SIGTERM) };
    }
}
