//! The board on the wall: it listens to the counters' lines, and says when it has not heard from them.

use crate::api::{About, BoardCall, BoardView, Problem, Text};
use crate::config::Config;
use crate::core::lock;
use crate::notices::Notices;
use crate::{clock::Clock, roles};
use hardware::Address;
use hardware::DeviceRole;
use hardware::board::{BoardListener, BoardState};
use hardware::emulator::LineSpec;
use intake::moment::Moment;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

/// Two heartbeats of a second, and half a second's grace: after that a board must not look alive.
const STALE_AFTER_MS: i64 = 2_500;

/// A running board. It has no log: it shows what it is told.
#[derive(Clone)]
pub struct Hall {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    clock: Arc<dyn Clock>,
    listener: BoardListener,
    /// When each (number, desk, time) was first shown: the line carries no times.
    shown: Mutex<BTreeMap<(String, u16, u8), Moment>>,
    notices: Arc<Notices>,
}

impl Hall {
    /// Opens the board in `folder`: listens where its file's device of kind `board` says.
    ///
    /// # Errors
    /// `CONFIG-FAULT` when the file names no such place, or it is taken.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        let config = Config::read(folder)?;
        let fault = |why: String| Problem::new("CONFIG-FAULT").with("file", "station.toml").with("why", why);
        let device = config.devices.iter().find(|part| part.kind == DeviceRole::Board);
        let address = device.and_then(|part| part.address.clone());
        let address = address.ok_or_else(|| {
            fault("a board needs a device of kind \"board\" with the address on which it listens".into())
        })?;
        let spec = far_side(&address).ok_or_else(|| fault(format!("a board cannot listen on {address}")))?;
        let (changes, changed) = channel::<BoardState>();
        let listener = BoardListener::listen(&spec, Some(changes)).map_err(|error| fault(error.to_string()))?;
        let notices = Arc::new(Notices::default());
        let told = notices.clone();
        let body = move || changed.into_iter().for_each(|_| told.tell());
        let thread = std::thread::Builder::new().name("board".into()).spawn(body);
        thread.map_err(|error| fault(error.to_string()))?;
        Ok(Self { inner: Arc::new(Inner { config, clock, listener, shown: Mutex::default(), notices }) })
    }

    /// What the window needs to know.
    pub fn about(&self) -> About {
        roles::about(&self.inner.config, self.inner.clock.now())
    }

    /// The notices of this board.
    pub fn notices(&self) -> &Notices {
        &self.inner.notices
    }

    /// The board.
    pub fn board_view(&self) -> BoardView {
        let now = self.inner.clock.now();
        let state = self.inner.listener.state();
        let heard_at = state.heard_at.map(|at| at.as_millisecond());
        let calls = |calls: &[hardware::Call]| calls.iter().map(|call| self.call(call, now)).collect();
        BoardView {
            site_name: self.inner.config.station.site_name.text(),
            now: calls(&state.now),
            recent: calls(&state.recent),
            heard_at,
            // A clock that was set back must not make a dead line look alive.
            stale: heard_at.is_none_or(|at| !(-STALE_AFTER_MS..=STALE_AFTER_MS).contains(&(now.0 - at))),
            news: state.news.map_or_else(|| self.usual_news(), Text::same),
            clock: now.0,
        }
    }

    fn usual_news(&self) -> Text {
        let hotline = &self.inner.config.station.hotline;
        Text::both(format!("Quý vị cần giúp đỡ, xin gọi {hotline}."), format!("Need help? Call {hotline}."))
    }

    fn call(&self, call: &hardware::Call, now: Moment) -> BoardCall {
        let key = (call.number.clone(), call.desk, call.times);
        let mut shown = lock(&self.inner.shown);
        // A day has hundreds of calls; a board runs for months.
        if shown.len() > 4_096 {
            shown.clear();
        }
        let at = *shown.entry(key).or_insert(now);
        BoardCall { number: call.number.clone(), desk: call.desk.to_string(), at: at.0, times: call.times.into() }
    }
}

/// The far side of an address: where something that plays a device listens.
pub(crate) fn far_side(address: &Address) -> Option<LineSpec> {
    match address {
        Address::Tcp { host, port } => format!("{host}:{port}").parse().ok().map(LineSpec::Tcp),
        Address::Serial { path, .. } => Some(LineSpec::Pty { link: Some(path.clone()) }),
        _ => None,
    }
}
