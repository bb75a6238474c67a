//! The thread of a board.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::post::{BackOff, Post, Worker};
use crate::address::Address;
use crate::board::{BoardDriver, BoardMessage, Call};
use crate::status::{DeviceState, DeviceStatus, Fault, Knowledge};

/// How often a board hears that it is not forgotten.
const BEAT_EVERY: Duration = Duration::from_secs(1);

struct Order {
    message: BoardMessage,
    reply: Sender<Result<(), Fault>>,
}

/// Tells a supervised board what to show. Clones tell the same board.
#[derive(Clone)]
pub struct BoardHandle {
    post: Post,
    orders: Sender<Order>,
}

impl BoardHandle {
    /// Tells the board something; the answer comes when it took it. While the line is down the answer is the fault, at once; the latest call of each
    /// desk and the news are kept and shown when the board is back.
    #[must_use]
    pub fn tell(&self, message: BoardMessage) -> Receiver<Result<(), Fault>> {
        let (reply, answer) = channel();
        if let Err(unsent) = self.orders.send(Order { message, reply }) {
            // The thread ended; our caller holds the receiver.
            let _ = unsent.0.reply.send(Err(Fault::BoardAbsent));
        }
        self.post.waker.wake();
        answer
    }

    /// Calls a ticket to a desk.
    #[must_use]
    pub fn call(&self, call: Call) -> Receiver<Result<(), Fault>> {
        self.tell(BoardMessage::Call(call))
    }

    /// How the board is, as far as is known.
    #[must_use]
    pub fn status(&self) -> DeviceStatus {
        self.post.status()
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.post.name()
    }
}

pub(super) fn start(handle: Post, post: Post, address: Address) -> io::Result<(BoardHandle, Worker)> {
    let (orders, waiting) = channel();
    let run = post.clone();
    let worker = post.start(move || Thread { post: run, waiting, address, shown: Shown::default() }.run())?;
    Ok((BoardHandle { post: handle, orders }, worker))
}

/// What the board should be showing.
#[derive(Default)]
struct Shown {
    calls: Vec<Call>,
    news: Option<String>,
}

impl Shown {
    fn remember(&mut self, message: &BoardMessage) {
        match message {
            BoardMessage::Call(call) => {
                self.calls.retain(|other| other.desk != call.desk);
                self.calls.push(call.clone());
            }
            BoardMessage::Clear => self.calls.clear(),
            BoardMessage::News { text } => self.news = Some(text.clone()),
            BoardMessage::Beat | BoardMessage::Ack | BoardMessage::Nak => {}
        }
    }

    /// What a board that was away has to be told, the oldest first.
    fn messages(&self) -> Vec<BoardMessage> {
        let news = self.news.iter().map(|text| BoardMessage::News { text: text.clone() });
        self.calls.iter().cloned().map(BoardMessage::Call).chain(news).collect()
    }
}

struct Thread {
    post: Post,
    waiting: Receiver<Order>,
    address: Address,
    shown: Shown,
}

impl Thread {
    fn run(mut self) {
        let mut back_off = BackOff::new();
        while !self.post.stopped() {
            let fault = match BoardDriver::open(&self.address).and_then(|driver| self.catch_up(driver)) {
                Ok(mut driver) => {
                    back_off.reset();
                    self.serve(&mut driver)
                }
                Err(fault) => Some(fault),
            };
            if let Some(fault) = fault {
                self.post.publish(DeviceStatus::inferred(fault));
                self.refuse_until(fault, back_off.deadline());
            }
        }
        self.refuse_all(Fault::BoardAbsent);
    }

    /// Shows a board that is back what it missed; it proves by its answers that it is there.
    fn catch_up(&self, mut driver: BoardDriver) -> Result<BoardDriver, Fault> {
        driver.tell(&BoardMessage::Beat)?;
        for message in self.shown.messages() {
            driver.tell(&message)?;
        }
        Ok(driver)
    }

    fn serve(&mut self, driver: &mut BoardDriver) -> Option<Fault> {
        self.post.publish(DeviceStatus::new(DeviceState::Ready, Vec::new(), Knowledge::Reported));
        let mut beat_at = Instant::now() + BEAT_EVERY;
        while !self.post.stopped() {
            while let Ok(order) = self.waiting.try_recv() {
                let told = self.tell(driver, &order.message);
                // Who asked may have gone.
                let _ = order.reply.send(told);
                if let Some(fault) = told.err().filter(|fault| *fault != Fault::BoardRefused) {
                    return Some(fault);
                }
            }
            if Instant::now() >= beat_at {
                beat_at = Instant::now() + BEAT_EVERY;
                if let Err(fault) = driver.tell(&BoardMessage::Beat) {
                    return Some(fault);
                }
            }
            if let Err(fault) = driver.idle(&self.post.waker, beat_at) {
                return Some(fault);
            }
        }
        None
    }

    fn tell(&mut self, driver: &mut BoardDriver, message: &BoardMessage) -> Result<(), Fault> {
        if message.check().is_ok() {
            self.shown.remember(message);
        }
        driver.tell(message)
    }

    fn refuse_until(&mut self, fault: Fault, deadline: Instant) {
        while self.post.waits(deadline) {
            self.refuse_all(fault);
            // A wait that fails ends early, no more.
            let _ = self.post.waker.wait(deadline);
        }
        self.refuse_all(fault);
    }

    fn refuse_all(&mut self, fault: Fault) {
        while let Ok(order) = self.waiting.try_recv() {
            let fits = order.message.check().is_ok();
            if fits {
                self.shown.remember(&order.message);
            }
            // Who asked may have gone.
            let _ = order.reply.send(Err(if fits { fault } else { Fault::BoardRefused }));
        }
    }
}
