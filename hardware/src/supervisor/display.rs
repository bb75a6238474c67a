//! The thread of a text display.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use super::post::{BackOff, Post, Worker};
use crate::address::Address;
use crate::board::Call;
use crate::display::{Content, DisplayDriver, DisplayProfile, DisplayProtocol, Shown, rows};
use crate::status::{DeviceState, DeviceStatus, Fault, Knowledge};

/// How long an idle thread waits for something to do.
const IDLE: Duration = Duration::from_secs(1);

struct Order {
    content: Content,
    reply: Sender<Result<Shown, Fault>>,
}

/// Tells a supervised display what to show. Clones tell the same display.
#[derive(Clone)]
pub struct DisplayHandle {
    post: Post,
    orders: Sender<Order>,
}

impl DisplayHandle {
    /// Shows something; the answer comes when the display took it, or all bytes left where it cannot say. While the line is down the answer is the
    /// fault, at once; the latest content is kept and shown when the display is back.
    #[must_use]
    pub fn show(&self, content: Content) -> Receiver<Result<Shown, Fault>> {
        let (reply, answer) = channel();
        if let Err(unsent) = self.orders.send(Order { content, reply }) {
            // The thread ended; our caller holds the receiver.
            let _ = unsent.0.reply.send(Err(Fault::DisplayAbsent));
        }
        self.post.waker.wake();
        answer
    }

    /// Calls a ticket to a desk.
    #[must_use]
    pub fn call(&self, call: Call) -> Receiver<Result<Shown, Fault>> {
        self.show(Content::Call(call))
    }

    /// Shows nothing any more.
    #[must_use]
    pub fn clear(&self) -> Receiver<Result<Shown, Fault>> {
        self.show(Content::Blank)
    }

    /// How the display is, as far as is known.
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
    profile: DisplayProfile,
) -> io::Result<(DisplayHandle, Worker)> {
    let (orders, waiting) = channel();
    let run = Thread { post: post.clone(), waiting, address, profile, content: Content::Blank };
    let worker = post.start(move || run.run())?;
    Ok((DisplayHandle { post: handle, orders }, worker))
}

struct Thread {
    post: Post,
    waiting: Receiver<Order>,
    address: Address,
    profile: DisplayProfile,
    content: Content,
}

impl Thread {
    fn run(mut self) {
        let mut back_off = BackOff::new();
        while !self.post.stopped() {
            let fault = match self.open() {
                Ok(mut driver) => {
                    back_off.reset();
                    self.publish_ready();
                    self.serve(&mut driver).err()
                }
                Err(fault) => Some(fault),
            };
            if let Some(fault) = fault {
                self.post.publish(DeviceStatus::inferred(fault));
                self.refuse_until(fault, back_off.deadline());
            }
        }
        self.refuse_all(Fault::DisplayAbsent);
    }

    /// Opens the display and shows what it should be showing.
    fn open(&self) -> Result<DisplayDriver, Fault> {
        let mut driver = DisplayDriver::open(&self.address, self.profile.clone())?;
        if self.content != Content::Blank {
            driver.show(&self.content)?;
        }
        Ok(driver)
    }

    /// An open line is all that is known of a display that cannot answer.
    fn publish_ready(&self) {
        let knowledge = match self.profile.protocol {
            DisplayProtocol::Board => Knowledge::Reported,
            DisplayProtocol::EscposDm => Knowledge::Inferred,
        };
        self.post.publish(DeviceStatus::new(DeviceState::Ready, Vec::new(), knowledge));
    }

    fn serve(&mut self, driver: &mut DisplayDriver) -> Result<(), Fault> {
        while !self.post.stopped() {
            while let Ok(order) = self.waiting.try_recv() {
                self.remember(&order.content);
                let shown = driver.show(&order.content);
                let fault = shown.as_ref().err().copied().filter(|fault| *fault != Fault::DisplayRefused);
                // Who asked may have gone.
                let _ = order.reply.send(shown);
                if let Some(fault) = fault {
                    return Err(fault);
                }
            }
            driver.attend(&self.post.waker, Instant::now() + IDLE)?;
        }
        Ok(())
    }

    /// `false` when it can never be shown.
    fn remember(&mut self, content: &Content) -> bool {
        let fits = rows(content, &self.profile).is_ok();
        if fits {
            self.content = content.clone();
        }
        fits
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
            let fits = self.remember(&order.content);
            // As in `serve`.
            let _ = order.reply.send(Err(if fits { fault } else { Fault::DisplayRefused }));
        }
    }
}
