//! The far side: what a board's own program runs to know what to show.

use std::io;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use serde::Serialize;

use super::protocol::{BoardMessage, Call, Frame, FrameStream, Received};
use crate::emulator::{FarSide, Line, LineServer, LineSpec};

/// How many earlier calls a board shows.
const RECENT_CALLS: usize = 5;

/// What a board shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BoardState {
    /// The latest call of each desk, the newest first.
    pub now: Vec<Call>,
    /// The last calls of all desks, the newest first, at most five.
    pub recent: Vec<Call>,
    /// The line at the foot.
    pub news: Option<String>,
    /// When anything, a heartbeat too, was last heard. A driver beats every second: silence of three means that the line is dead.
    pub heard_at: Option<Timestamp>,
}

impl BoardState {
    fn take(&mut self, message: &BoardMessage) {
        match message {
            BoardMessage::Call(call) => {
                self.now.retain(|other| other.desk != call.desk);
                self.now.insert(0, call.clone());
                // A repeated call of the same ticket is the same line.
                self.recent.retain(|other| (&other.number, other.desk) != (&call.number, call.desk));
                self.recent.insert(0, call.clone());
                self.recent.truncate(RECENT_CALLS);
            }
            BoardMessage::Clear => {
                self.now.clear();
                self.recent.clear();
            }
            BoardMessage::News { text } => self.news = Some(text.clone()).filter(|text| !text.is_empty()),
            BoardMessage::Beat | BoardMessage::Ack | BoardMessage::Nak => {}
        }
    }
}

/// Decodes the stream and makes the answers. Pure but for the time of day.
#[derive(Debug, Default)]
pub struct BoardScreen {
    stream: FrameStream,
    state: BoardState,
    last_sequence: Option<u16>,
}

impl BoardScreen {
    /// A board that has heard nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes bytes as they arrive at `now`; gives the bytes to answer.
    pub fn receive(&mut self, bytes: &[u8], now: Timestamp) -> Vec<u8> {
        let received = self.stream.push(bytes);
        received.iter().flat_map(|received| self.answer(received, now)).collect()
    }

    /// What is to be shown.
    #[must_use]
    pub fn state(&self) -> &BoardState {
        &self.state
    }

    fn answer(&mut self, received: &Received, now: Timestamp) -> Vec<u8> {
        let reply = |sequence, message| Frame { sequence, message }.encode();
        match received {
            Received::Frame(Frame { message: BoardMessage::Ack | BoardMessage::Nak, .. }) | Received::Damaged => {
                Vec::new()
            }
            Received::Frame(frame) => {
                self.state.heard_at = Some(now);
                // A frame that is repeated because its acknowledgement was lost is shown once.
                if self.last_sequence.replace(frame.sequence) != Some(frame.sequence) {
                    self.state.take(&frame.message);
                }
                reply(frame.sequence, BoardMessage::Ack)
            }
            Received::Refused(Some(sequence)) => reply(*sequence, BoardMessage::Nak),
            Received::Refused(None) => Vec::new(),
        }
    }
}

struct FarBoard {
    screen: Arc<Mutex<BoardScreen>>,
    changes: Option<Sender<BoardState>>,
}

impl FarSide for FarBoard {
    fn connected(&mut self) -> Vec<u8> {
        // Each driver that connects counts its frames from one.
        if let Ok(mut screen) = self.screen.lock() {
            screen.last_sequence = None;
            screen.stream = FrameStream::new();
        }
        Vec::new()
    }

    fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Ok(mut screen) = self.screen.lock() else { return Vec::new() };
        let answer = screen.receive(bytes, Timestamp::now());
        if let (Some(changes), false) = (&self.changes, answer.is_empty()) {
            // A window that closed needs no more news.
            let _ = changes.send(screen.state().clone());
        }
        answer
    }
}

/// A board that listens on a TCP port or a pty and acknowledges what it is told.
pub struct BoardListener {
    server: LineServer,
    screen: Arc<Mutex<BoardScreen>>,
}

impl BoardListener {
    /// Listens. Every frame taken, heartbeats too, sends the state to `changes`.
    ///
    /// # Errors
    /// When the port is taken or the pty cannot be made.
    pub fn listen(spec: &LineSpec, changes: Option<Sender<BoardState>>) -> io::Result<Self> {
        let screen = Arc::new(Mutex::new(BoardScreen::new()));
        let server = LineServer::start(spec, FarBoard { screen: screen.clone(), changes })?;
        Ok(Self { server, screen })
    }

    /// The line, with its address and its faults.
    #[must_use]
    pub fn line(&self) -> &Line {
        self.server.line()
    }

    /// What is to be shown now.
    #[must_use]
    pub fn state(&self) -> BoardState {
        self.screen.lock().map(|screen| screen.state().clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tell(screen: &mut BoardScreen, sequence: u16, message: BoardMessage) -> Vec<u8> {
        screen.receive(&Frame { sequence, message }.encode(), Timestamp::UNIX_EPOCH)
    }

    fn call(number: &str, desk: u16, times: u8) -> BoardMessage {
        BoardMessage::Call(Call { number: number.to_owned(), desk, times })
    }

    #[test]
    fn each_desk_shows_its_latest_call_and_five_are_remembered() {
        let mut screen = BoardScreen::new();
        for number in 1..=7_u16 {
            let answer = tell(&mut screen, number, call(&format!("A{number}"), number % 2 + 1, 1));
            assert_eq!(answer, Frame { sequence: number, message: BoardMessage::Ack }.encode());
        }
        let numbers = |calls: &[Call]| calls.iter().map(|call| call.number.clone()).collect::<Vec<_>>();
        assert_eq!(numbers(&screen.state().now), ["A7", "A6"]);
        assert_eq!(numbers(&screen.state().recent), ["A7", "A6", "A5", "A4", "A3"]);
        tell(&mut screen, 8, call("A7", 2, 2));
        assert_eq!(screen.state().recent.len(), 5);
        assert_eq!(screen.state().now[0].times, 2);
        tell(&mut screen, 9, BoardMessage::Clear);
        assert!(screen.state().now.is_empty() && screen.state().recent.is_empty());
    }

    #[test]
    fn a_repeated_frame_is_acknowledged_and_shown_once() {
        let mut screen = BoardScreen::new();
        tell(&mut screen, 1, call("A1", 1, 1));
        tell(&mut screen, 2, BoardMessage::News { text: "Nghỉ trưa".to_owned() });
        let before = screen.state().clone();
        assert!(!tell(&mut screen, 2, BoardMessage::News { text: "Nghỉ trưa".to_owned() }).is_empty());
        assert_eq!(screen.state(), &before);
    }
}
