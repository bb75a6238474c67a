//! The board on the wall: it listens to the site's hub, and to counters' lines, and says when it has not heard from them.

use super::hub_line::HubLine;
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
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use sync::hub::CalledNumber;

/// How many earlier calls are shown.
const RECENT: usize = 5;
/// Two heartbeats of a second, and half a second's grace: after that a board must not look alive.
const STALE_AFTER_MS: i64 = 2_500;

/// A running board. It writes no log: it shows what it is told.
#[derive(Clone)]
pub struct Hall {
    inner: Arc<Inner>,
}

struct Inner {
    config: Config,
    clock: Arc<dyn Clock>,
    line: Option<BoardListener>,
    hub: Option<HubLine>,
    /// When each (number, desk, time) was first shown: a counter's line carries no times.
    shown: Mutex<BTreeMap<(String, u16, u8), Moment>>,
    notices: Arc<Notices>,
}

impl Hall {
    /// Opens the board in `folder`: listens to the hubs that its file names, and where its device of kind `board` says.
    ///
    /// # Errors
    /// `CONFIG-FAULT` when the file names neither, or the place is taken; what stops an enrolment.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, Problem> {
        let config = Config::read(folder)?;
        let notices = Arc::new(Notices::default());
        let has_hub = config.hub.as_ref().is_some_and(|hub| !hub.urls.is_empty());
        let hub = has_hub.then(|| HubLine::open(folder, &config, &clock, &notices)).transpose()?;
        let line = line(&config, &notices)?;
        if line.is_none() && hub.is_none() {
            return Err(fault(
                "a board needs the site's hub, or a device of kind \"board\" with the address on which it listens",
            ));
        }
        Ok(Self { inner: Arc::new(Inner { config, clock, line, hub, shown: Mutex::default(), notices }) })
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
        let line = self.inner.line.as_ref().map(BoardListener::state);
        let hub = self.inner.hub.as_ref().map(HubLine::heard);
        let heard: Vec<Option<Moment>> =
            (line.iter().map(|state| state.heard_at.map(|at| Moment(at.as_millisecond()))))
                .chain(hub.iter().map(|(_, at)| *at))
                .collect();
        // Whoever is silent may have called somebody: the board is only as fresh as the stalest of those that it listens to.
        let heard_at = heard.iter().min().copied().flatten().map(|at| at.0);
        let said = line.as_ref().and_then(|state| state.news.clone());
        let line = line.unwrap_or_default();
        let hub = hub.map(|(news, _)| news).unwrap_or_default();
        let told = |calls: &[hardware::Call]| calls.iter().map(|call| self.call(call, now)).collect::<Vec<_>>();
        BoardView {
            site_name: self.inner.config.station.site_name.text(),
            now: merged(told(&line.now), &hub.now, |call| call.desk.clone(), usize::MAX),
            recent: merged(told(&line.recent), &hub.recent, |call| (call.number.clone(), call.desk.clone()), RECENT),
            heard_at,
            // A clock that was set back must not make a dead line look alive.
            stale: heard_at.is_none_or(|at| !(-STALE_AFTER_MS..=STALE_AFTER_MS).contains(&(now.0 - at))),
            news: said.map_or_else(|| self.usual_news(), Text::same),
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

/// The line on which counters tell the board, where its file has one.
fn line(config: &Config, notices: &Arc<Notices>) -> Result<Option<BoardListener>, Problem> {
    let device = config.devices.iter().find(|part| part.kind == DeviceRole::Board);
    let Some(address) = device.and_then(|part| part.address.as_ref()) else { return Ok(None) };
    let spec = far_side(address).ok_or_else(|| fault(format!("a board cannot listen on {address}")))?;
    let (changes, changed) = channel::<BoardState>();
    let listener = BoardListener::listen(&spec, Some(changes)).map_err(fault)?;
    let told = Arc::clone(notices);
    let body = move || changed.into_iter().for_each(|_| told.tell());
    std::thread::Builder::new().name("board".into()).spawn(body).map_err(fault)?;
    Ok(Some(listener))
}

fn fault(why: impl std::fmt::Display) -> Problem {
    Problem::new("CONFIG-FAULT").with("file", "station.toml").with("why", why)
}

/// Calls of both, the newest first; of those that `alike` gives the same for, the newest only.
fn merged<K: PartialEq>(
    line: Vec<BoardCall>,
    hub: &[CalledNumber],
    alike: impl Fn(&BoardCall) -> K,
    most: usize,
) -> Vec<BoardCall> {
    let of_hub = |call: &CalledNumber| BoardCall {
        number: call.number.clone(),
        desk: call.desk.to_string(),
        at: call.at.0,
        times: call.times,
    };
    let mut all = line;
    all.extend(hub.iter().map(of_hub));
    // Stable: calls of one moment stay in the order in which they were told.
    all.sort_by_key(|call| Reverse(call.at));
    let mut shown: Vec<BoardCall> = Vec::new();
    for call in all {
        if shown.len() < most && shown.iter().all(|other| alike(other) != alike(&call)) {
            shown.push(call);
        }
    }
    shown
}

/// The far side of an address: where something that plays a device listens.
pub(crate) fn far_side(address: &Address) -> Option<LineSpec> {
    match address {
        Address::Tcp { host, port } => format!("{host}:{port}").parse().ok().map(LineSpec::Tcp),
        Address::Serial { path, .. } => Some(LineSpec::Pty { link: Some(path.clone()) }),
        _ => None,
    }
}
