//! A real window of a real app, driven by WebDriver: its own display, driver, session and home folder.
//!
//! Nothing here sleeps for a fixed time: everything is waited for. When a [`Window`] is dropped, the app, its WebKit
//! processes, the driver and the display are gone.

mod display;
mod keys;
pub(crate) mod processes;
mod wire;

pub use keys::Key;

use crate::fault::{Doing, Fault, Outcome, wait_for};
use display::Display;
use processes::Mark;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use wire::Wire;

/// The longest that anything on a page is waited for, unless the caller says otherwise.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Under this name the standard hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A dot of one pixel that changes with every frame until it is removed; too faint to be seen.
const BLINK: &str = "const dot = window.motcuaBlink = document.createElement('i'); \
    dot.style.cssText = 'position:fixed;right:0;bottom:0;width:1px;height:1px;opacity:.01;z-index:9999'; \
    document.body.append(dot); let on = false; \
    const blink = () => { if (!dot.isConnected) return; on = !on; dot.style.background = on ? '#000' : '#fff'; requestAnimationFrame(blink); }; \
    blink();";

/// What to start, and on how large a screen.
#[derive(Debug, Clone)]
pub struct Start {
    /// The app.
    pub binary: PathBuf,
    /// Its arguments.
    pub args: Vec<String>,
    /// The screen's size in pixels.
    pub screen_px: (u32, u32),
    /// A folder of this window alone: home of its WebKit, log of its output.
    pub home: PathBuf,
}

/// An open window.
#[derive(Debug)]
pub struct Window {
    // Dropped in this order by `Drop`: session, marked processes, driver, display.
    session: Wire,
    mark: Mark,
    driver: Child,
    _display: Display,
    binary: PathBuf,
}

impl Window {
    /// Starts the app and waits until its page is there.
    ///
    /// # Errors
    /// When Xvfb, the driver or the app does not come up.
    pub fn open(start: &Start) -> Outcome<Self> {
        fs::create_dir_all(&start.home).doing(format_args!("making {}", start.home.display()))?;
        let display = Display::start(start.screen_px.0, start.screen_px.1)?;
        let mark = Mark::new();
        let port = free_port()?;
        let mut driver = start_driver(start, &display, &mark, port)?;
        let session = begin_session(port, start).inspect_err(|_| end(&mark, &mut driver))?;
        let window = Self { session, mark, driver, _display: display, binary: start.binary.clone() };
        window.wait_for("the page", PATIENCE, |window| {
            let state: String = window.run("return document.readyState", &[])?;
            Ok((state == "complete").then_some(()))
        })?;
        window.fill_screen(start.screen_px)?;
        Ok(window)
    }

    /// Goes to another page.
    ///
    /// # Errors
    /// When it cannot be loaded.
    pub fn go_to(&self, url: &str) -> Outcome<()> {
        self.session.post("url", &json!({ "url": url })).map(drop)
    }

    /// The app's process.
    ///
    /// # Errors
    /// When it runs no more.
    pub fn app_pid(&self) -> Outcome<i32> {
        self.mark.process_of(&self.binary).ok_or_else(|| Fault::new("finding the app's process", "it is gone"))
    }

    /// Ends the app with SIGKILL, as a power cut would; the window is of no use afterwards.
    ///
    /// # Errors
    /// When it was not running, or does not end.
    pub fn kill_app(&self) -> Outcome<()> {
        processes::kill_and_wait(self.app_pid()?)
    }

    /// Looks until `look` gives something.
    ///
    /// # Errors
    /// When the time is up.
    pub fn wait_for<T>(&self, what: &str, limit: Duration, look: impl Fn(&Self) -> Outcome<Option<T>>) -> Outcome<T> {
        wait_for(what, limit, || look(self))
    }

    /// Waits until something with this `data-testid` is shown.
    ///
    /// # Errors
    /// When it is not in time.
    pub fn see(&self, testid: &str) -> Outcome<()> {
        self.see_within(testid, PATIENCE)
    }

    /// [`Window::see`] with a limit.
    ///
    /// # Errors
    /// When it is not in time.
    pub fn see_within(&self, testid: &str, limit: Duration) -> Outcome<()> {
        self.wait_for(testid, limit, |window| Ok(window.shows(testid)?.then_some(())))
    }

    /// Whether something with this `data-testid` is shown now.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn shows(&self, testid: &str) -> Outcome<bool> {
        self.run(
            "return [...document.querySelectorAll(arguments[0])].some(e => e.getClientRects().length > 0)",
            &[json!(by_testid(testid))],
        )
    }

    /// Whether anything is shown whose `data-testid` begins so.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn shows_any(&self, beginning: &str) -> Outcome<bool> {
        Ok(self.testids()?.iter().any(|testid| testid.starts_with(beginning)))
    }

    /// Touches what has this `data-testid`, once it can be touched.
    ///
    /// # Errors
    /// When it cannot in time.
    pub fn click(&self, testid: &str) -> Outcome<()> {
        self.wait_for(testid, PATIENCE, |window| {
            let enabled: bool = window.run(
                "const e = document.querySelector(arguments[0]); return e !== null && !e.disabled",
                &[json!(by_testid(testid))],
            )?;
            if !enabled {
                return Ok(None);
            }
            let element = window.element(testid)?;
            window.session.post(&format!("element/{element}/click"), &json!({}))?;
            Ok(Some(()))
        })
    }

    /// The text of what has this `data-testid`, once it is there.
    ///
    /// # Errors
    /// When it is not in time.
    pub fn text(&self, testid: &str) -> Outcome<String> {
        self.wait_for(testid, PATIENCE, |window| {
            window.run(
                "return document.querySelector(arguments[0])?.innerText.trim() ?? null",
                &[json!(by_testid(testid))],
            )
        })
    }

    /// All `data-testid`s that are shown now, in the page's order.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn testids(&self) -> Outcome<Vec<String>> {
        self.run(
            "return [...document.querySelectorAll('[data-testid]')].filter(e => e.getClientRects().length > 0).map(e => e.dataset.testid)",
            &[],
        )
    }

    /// Types into the field with this `data-testid`.
    ///
    /// # Errors
    /// When it is not there in time, or takes no text.
    pub fn type_into(&self, testid: &str, text: &str) -> Outcome<()> {
        self.see(testid)?;
        let element = self.element(testid)?;
        self.session.post(&format!("element/{element}/value"), &json!({ "text": text })).map(drop)
    }

    /// Empties the field with this `data-testid`.
    ///
    /// # Errors
    /// When it is not there, or is no field.
    pub fn clear(&self, testid: &str) -> Outcome<()> {
        let element = self.element(testid)?;
        self.session.post(&format!("element/{element}/clear"), &json!({})).map(drop)
    }

    /// Presses keys together, such as `[Key::Control, Key::Enter]`.
    ///
    /// # Errors
    /// When the window is gone.
    pub fn press(&self, keys: &[Key]) -> Outcome<()> {
        self.session.post("actions", &keys::chord(keys)).map(drop)
    }

    /// Runs a script in the page; its result is what it returns.
    ///
    /// # Errors
    /// When it throws, or returns something else than `T`.
    pub fn run<T: DeserializeOwned>(&self, script: &str, args: &[Value]) -> Outcome<T> {
        let value = self.session.post("execute/sync", &json!({ "script": script, "args": args }))?;
        serde_json::from_value(value).doing(format_args!("reading the result of {script}"))
    }

    /// Runs a script whose result is what it hands to its last argument.
    ///
    /// # Errors
    /// As [`Window::run`], and when it takes more than 30 s.
    pub fn run_async<T: DeserializeOwned>(&self, script: &str, args: &[Value]) -> Outcome<T> {
        let value = self.session.post("execute/async", &json!({ "script": script, "args": args }))?;
        serde_json::from_value(value).doing(format_args!("reading the result of {script}"))
    }

    /// Calls one of the app's commands as its page does.
    ///
    /// # Errors
    /// When the command is refused (the problem's code is in the text).
    pub fn invoke<T: DeserializeOwned>(&self, command: &str, args: &Value) -> Outcome<T> {
        let script = "const done = arguments[arguments.length - 1]; \
             window.__TAURI_INTERNALS__.invoke(arguments[0], arguments[1]).then( \
               value => done({ value: value ?? null }), refused => done({ refused: JSON.stringify(refused) }))";
        let mut answer: Value = self.run_async(script, &[json!(command), args.clone()])?;
        if let Some(refused) = answer["refused"].as_str() {
            return Err(Fault::new(format_args!("command {command}"), refused));
        }
        serde_json::from_value(answer["value"].take()).doing(format_args!("reading the answer of {command}"))
    }

    /// Writes what the window shows as a PNG, after two animation frames, so that the picture is not stale.
    ///
    /// # Errors
    /// When the window is gone or the file cannot be written.
    pub fn screenshot(&self, file: &Path) -> Outcome<()> {
        let settled = "const done = arguments[arguments.length - 1]; \
             document.fonts.ready.then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";
        self.run_async::<bool>(settled, &[])?;
        // WebKit hands the picture out with the next frame, and a page on which nothing moves has none: one dot blinks meanwhile.
        self.run::<()>(BLINK, &[])?;
        let picture = self.session.get("screenshot");
        self.run::<()>("window.motcuaBlink?.remove()", &[])?;
        let picture = picture?;
        let png = crate::base64::decode(picture.as_str().unwrap_or_default()).doing("reading a screenshot")?;
        fs::write(file, png).doing(format_args!("writing {}", file.display()))
    }

    /// No window manager is there to do it: the window is as large as its screen, as on a real station.
    fn fill_screen(&self, (width, height): (u32, u32)) -> Outcome<()> {
        let rect = json!({ "x": 0, "y": 0, "width": width, "height": height });
        self.session.post("window/rect", &rect)?;
        self.wait_for("the window to fill its screen", PATIENCE, |window| {
            // An app may keep some of the height for itself, such as a tool bar.
            let inner_width: u32 = window.run("return innerWidth", &[])?;
            Ok((inner_width == width).then_some(()))
        })
    }

    fn element(&self, testid: &str) -> Outcome<String> {
        let found = self.session.post("element", &json!({ "using": "css selector", "value": by_testid(testid) }))?;
        let id = found[ELEMENT].as_str().map(str::to_owned);
        id.ok_or_else(|| Fault::new(format_args!("finding {testid}"), "the driver gave no element"))
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // Politely first, so that WebKit writes what it wants to write; the app may be gone already.
        if self.app_pid().is_ok() {
            let _ = self.session.delete();
        }
        end(&self.mark, &mut self.driver);
    }
}

fn by_testid(testid: &str) -> String {
    format!("[data-testid=\"{testid}\"]")
}

fn end(mark: &Mark, driver: &mut Child) {
    // Nobody is left to be told when this fails, and the next window has another mark, port and display.
    let _ = mark.end();
    let _ = driver.wait();
}

fn free_port() -> Outcome<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").doing("finding a free port")?;
    listener.local_addr().map(|address| address.port()).doing("finding a free port")
}

fn start_driver(start: &Start, display: &Display, mark: &Mark, port: u16) -> Outcome<Child> {
    let log = || {
        File::options().create(true).append(true).open(start.home.join("window.log")).doing("opening the window's log")
    };
    processes::end_with_us(&mut Command::new("WebKitWebDriver"))
        .arg(format!("--port={port}"))
        .env("DISPLAY", &display.name)
        .env("TAURI_WEBVIEW_AUTOMATION", "true")
        // There is no GPU here: this saves 70 MiB and 110 ms a window.
        .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
        .env("GSETTINGS_BACKEND", "memory")
        .env("NO_AT_BRIDGE", "1")
        .env("HOME", &start.home)
        .env("XDG_DATA_HOME", start.home.join("data"))
        .env("XDG_CACHE_HOME", start.home.join("cache"))
        .env("XDG_CONFIG_HOME", start.home.join("config"))
        .env_remove("WAYLAND_DISPLAY")
        .env(processes::VARIABLE, mark.value())
        .stdin(Stdio::null())
        .stdout(log()?)
        .stderr(log()?)
        .spawn()
        .doing("starting WebKitWebDriver")
}

fn begin_session(port: u16, start: &Start) -> Outcome<Wire> {
    let driver = Wire::to_port(port);
    wait_for("WebKitWebDriver", PATIENCE, || Ok(driver.get("status")?["ready"].as_bool().filter(|ready| *ready)))?;
    let binary = start.binary.to_str().ok_or_else(|| Fault::new("starting the app", "its path is not UTF-8"))?;
    // An app that does not let itself be driven never answers.
    let session = driver.post("session", &wire::capabilities(binary, &start.args));
    let session = session.doing("starting the app (was it built with its feature `automation`?)")?;
    let id =
        session["sessionId"].as_str().ok_or_else(|| Fault::new("starting the app", "the driver gave no session"))?;
    Ok(driver.below(&format!("session/{id}")))
}
