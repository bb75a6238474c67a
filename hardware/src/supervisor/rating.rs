//! The thread of a rating pad: hears a person only while they are asked.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use serde::Serialize;

use super::post::{BackOff, Post, Worker};
use crate::address::Address;
use crate::rating::{PadProfile, RatingPad};
use crate::status::{DeviceState, DeviceStatus, Fault, Knowledge};

const IDLE_LOOK: Duration = Duration::from_secs(1);

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum PadAnswer {
    /// A button was pressed.
    Rated {
        /// Its level; 1 is the lowest.
        level: u8,
        /// The highest level of this pad.
        of: u8,
    },
    /// Time was up.
    NotRated,
    /// Another was asked, or the question was taken back.
    Withdrawn,
    /// Time was up and the pad was not there.
    Unavailable {
        /// Why.
        fault: Fault,
    },
}

enum Order {
    Ask { until: Instant, reply: Sender<PadAnswer> },
    Withdraw,
}

/// Asks for ratings. Clones ask on the same pad.
#[derive(Clone)]
pub struct PadHandle {
    post: Post,
    orders: Sender<Order>,
}

impl PadHandle {
    /// Lights the lamp and waits for one press until `until`. Presses before and after are nobody's. A question that is open is withdrawn. While the
    /// line is down the question stays open: the lamp is lit when the pad is back.
    #[must_use]
    pub fn ask(&self, until: Instant) -> Receiver<PadAnswer> {
        let (reply, answer) = channel();
        if let Err(unsent) = self.orders.send(Order::Ask { until, reply })
            && let Order::Ask { reply, .. } = unsent.0
        {
            // The thread ended; our caller holds the receiver.
            let _ = reply.send(PadAnswer::Unavailable { fault: Fault::PadAbsent });
        }
        self.post.waker.wake();
        answer
    }

    /// Takes an open question back.
    pub fn withdraw(&self) {
        // A thread that ended asks nothing.
        let _ = self.orders.send(Order::Withdraw);
        self.post.waker.wake();
    }

    /// How the pad is, as far as is known.
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

pub(super) fn start(
    handle: Post,
    post: Post,
    address: Address,
    profile: PadProfile,
) -> io::Result<(PadHandle, Worker)> {
    let (orders, waiting) = channel();
    let run = Thread { post: post.clone(), waiting, address, profile, open: None };
    let worker = post.start(move || run.run())?;
    Ok((PadHandle { post: handle, orders }, worker))
}

struct Question {
    until: Instant,
    reply: Sender<PadAnswer>,
}

impl Question {
    fn answer(self, answer: PadAnswer) {
        // Who asked may have gone.
        let _ = self.reply.send(answer);
    }
}

struct Thread {
    post: Post,
    waiting: Receiver<Order>,
    address: Address,
    profile: PadProfile,
    open: Option<Question>,
}

impl Thread {
    fn run(mut self) {
        let mut back_off = BackOff::new();
        while !self.post.stopped() {
            let fault = match RatingPad::open(&self.address, self.profile.clone()) {
                Ok(mut pad) => {
                    back_off.reset();
                    self.serve(&mut pad).err()
                }
                Err(fault) => Some(fault),
            };
            if let Some(fault) = fault {
                self.post.publish(DeviceStatus::inferred(fault));
                self.wait_without(fault, back_off.deadline());
            }
        }
        self.take_orders();
        if let Some(question) = self.open.take() {
            question.answer(PadAnswer::Withdrawn);
        }
    }

    /// Serves until the line is lost or the thread is stopped.
    fn serve(&mut self, pad: &mut RatingPad) -> Result<(), Fault> {
        if self.open.is_some() {
            pad.invite()?;
        }
        while !self.post.stopped() {
            self.publish(pad);
            let asked = self.take_orders();
            self.give_up(PadAnswer::NotRated);
            match (asked, &self.open) {
                (true, Some(_)) => pad.invite()?,
                (true, None) => pad.rest()?,
                (false, _) => {}
            }
            let until = self.open.as_ref().map_or(Instant::now() + IDLE_LOOK, |question| question.until);
            let pressed = pad.listen(Some(&self.post.waker), until.min(Instant::now() + IDLE_LOOK))?;
            self.hear(pad, &pressed)?;
            if self.give_up(PadAnswer::NotRated) {
                pad.rest()?;
            }
        }
        pad.rest()
    }

    /// An open line is all that is known of a pad that is not pressed.
    fn publish(&self, pad: &RatingPad) {
        self.post.publish(if pad.sends_junk() {
            DeviceStatus::new(Fault::PadJunk.state(), vec![Fault::PadJunk], Knowledge::Reported)
        } else {
            DeviceStatus::new(DeviceState::Ready, Vec::new(), Knowledge::Inferred)
        });
    }

    /// The first press answers the question; with none open it is nobody's.
    fn hear(&mut self, pad: &mut RatingPad, pressed: &[u8]) -> Result<(), Fault> {
        let Some(level) = pressed.first().copied() else { return Ok(()) };
        // What came down the line together with a new question was pressed before it.
        if self.take_orders() {
            return if self.open.is_some() { pad.invite() } else { pad.rest() };
        }
        let Some(question) = self.open.take() else { return Ok(()) };
        question.answer(PadAnswer::Rated { level, of: self.profile.levels });
        pad.thank()?;
        pad.rest()
    }

    /// Takes what was asked meanwhile; `true` when there is another question than before, or none any more.
    fn take_orders(&mut self) -> bool {
        let mut changed = false;
        while let Ok(order) = self.waiting.try_recv() {
            changed = true;
            let next = match order {
                Order::Ask { until, reply } => Some(Question { until, reply }),
                Order::Withdraw => None,
            };
            if let Some(before) = std::mem::replace(&mut self.open, next) {
                before.answer(PadAnswer::Withdrawn);
            }
        }
        changed
    }

    /// Answers a question whose time is up; `true` when it was.
    fn give_up(&mut self, answer: PadAnswer) -> bool {
        let over = self.open.take_if(|question| Instant::now() >= question.until);
        over.map(|question| question.answer(answer)).is_some()
    }

    fn wait_without(&mut self, fault: Fault, deadline: Instant) {
        while self.post.waits(deadline) {
            self.take_orders();
            self.give_up(PadAnswer::Unavailable { fault });
            let until = self.open.as_ref().map_or(deadline, |question| deadline.min(question.until));
            // A wait that fails ends early, no more.
            let _ = self.post.waker.wait(until);
        }
    }
}
