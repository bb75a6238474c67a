//! Cards through the system's PC/SC service.
//!
//! Its calls have no time limits of their own and can hang, so each connection is held by a thread of its own, which is waited for as long as is
//! agreed and then left to itself; whenever its call returns it lets go of the card. A context never outlives a failure: after a restart of the
//! service every old handle is dead, and only a new context works again.

use std::ffi::{CStr, CString};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use pcsc::{Card, Context, Disposition, Error, Protocols, Scope, ShareMode};

use super::connection::{CardConnection, CardFault};

/// The longest response: an extended one, with its status word and room to spare.
const RESPONSE_BYTES: usize = 0x1_0200;
/// How often the service is looked for before it counts as down: it may just be starting again.
const SERVICE_TRIES: u32 = 4;
const SERVICE_BACK_OFF: Duration = Duration::from_millis(40);
/// How long letting go of a card is waited for. A reset takes a second in some readers.
const RELEASE_TIME: Duration = Duration::from_secs(3);
/// How many threads may hang in the service before no more are risked.
const MOST_STUCK: usize = 8;

/// Threads whose call has not returned though nobody waits for it any more.
static STUCK: AtomicUsize = AtomicUsize::new(0);

/// The readers that the service knows.
///
/// # Errors
/// [`CardFault::ServiceDown`]. No reader at all is an empty list.
pub fn readers() -> Result<Vec<String>, CardFault> {
    let names = match establish()?.list_readers_owned() {
        Ok(names) => names,
        Err(Error::NoReadersAvailable) => Vec::new(),
        Err(error) => return Err(fault_of(error)),
    };
    Ok(names.into_iter().map(|name| name.to_string_lossy().into_owned()).collect())
}

/// The reader that is meant: of this name, or the only one whose name begins so.
///
/// # Errors
/// [`CardFault::ReaderAbsent`] when there is none, or several.
pub fn choose(names: &[String], wanted: &str) -> Result<String, CardFault> {
    if let Some(name) = names.iter().find(|name| *name == wanted) {
        return Ok(name.clone());
    }
    let mut fitting = names.iter().filter(|name| name.starts_with(wanted));
    match (fitting.next(), fitting.next()) {
        (Some(name), None) => Ok(name.clone()),
        _ => Err(CardFault::ReaderAbsent),
    }
}

/// A context, after as many looks as a service that is being restarted needs.
pub(crate) fn establish() -> Result<Context, CardFault> {
    let mut wait = SERVICE_BACK_OFF;
    for _ in 1..SERVICE_TRIES {
        match Context::establish(Scope::System) {
            Ok(context) => return Ok(context),
            Err(error) if fault_of(error) == CardFault::ServiceDown => std::thread::sleep(wait),
            Err(error) => return Err(fault_of(error)),
        }
        wait *= 2;
    }
    Context::establish(Scope::System).map_err(fault_of)
}

/// What an error of the service means.
pub(crate) fn fault_of(error: Error) -> CardFault {
    match error {
        Error::UnknownReader | Error::ReaderUnavailable | Error::NoReadersAvailable => CardFault::ReaderAbsent,
        Error::SharingViolation => CardFault::ReaderBusy,
        Error::NoSmartcard => CardFault::NoCard,
        // A card that was reset by others, or lost its power, was out of its field or taken by somebody: this session of it is gone.
        Error::RemovedCard | Error::ResetCard | Error::UnpoweredCard => CardFault::Removed,
        Error::UnresponsiveCard
        | Error::UnsupportedCard
        | Error::ProtoMismatch
        | Error::NotTransacted
        | Error::CardUnsupported
        | Error::InvalidAtr
        | Error::UnknownCard
        | Error::CommDataLost
        | Error::InsufficientBuffer => CardFault::Mute,
        Error::Timeout => CardFault::TimedOut,
        // The rest is the service itself, or the way to it.
        _ => CardFault::ServiceDown,
    }
}

/// A command for the thread that holds the card.
type Order = Vec<u8>;

/// A card in a reader of the system.
pub struct PcscCard {
    /// Taken when the card is let go of.
    orders: Option<Sender<Order>>,
    answers: Receiver<Result<Vec<u8>, CardFault>>,
    answer_to_reset: Vec<u8>,
    /// Once lost, always lost.
    lost: Option<CardFault>,
}

impl PcscCard {
    /// Connects to the card in the reader of this name, or of the only name that begins so. Nobody else can use the card meanwhile.
    ///
    /// # Errors
    /// [`CardFault`], each cause apart.
    pub fn connect(reader: &str, deadline: Instant) -> Result<Self, CardFault> {
        if STUCK.load(Ordering::Acquire) >= MOST_STUCK {
            return Err(CardFault::TimedOut);
        }
        let (orders, orders_there) = channel::<Order>();
        let (answers_here, answers) = channel();
        let reader = reader.to_owned();
        let hold = move || hold(&reader, &orders_there, &answers_here);
        std::thread::Builder::new().name("card".to_owned()).spawn(hold).map_err(|_| CardFault::ServiceDown)?;
        let mut card = Self { orders: Some(orders), answers, answer_to_reset: Vec::new(), lost: None };
        card.answer_to_reset = card.wait(deadline)?;
        Ok(card)
    }

    fn wait(&mut self, deadline: Instant) -> Result<Vec<u8>, CardFault> {
        let waited = self.answers.recv_timeout(deadline.saturating_duration_since(Instant::now()));
        let answer = waited.unwrap_or_else(|error| {
            Err(match error {
                RecvTimeoutError::Timeout => CardFault::TimedOut,
                RecvTimeoutError::Disconnected => CardFault::ServiceDown,
            })
        });
        self.lost = answer.as_ref().err().copied();
        answer
    }
}

impl CardConnection for PcscCard {
    fn transmit(&mut self, command: &[u8], deadline: Instant) -> Result<Vec<u8>, CardFault> {
        if let Some(lost) = self.lost {
            return Err(lost);
        }
        if let Some(orders) = &self.orders {
            // A thread that ended is told by the wait.
            let _ = orders.send(command.to_vec());
        }
        self.wait(deadline)
    }

    fn answer_to_reset(&self) -> &[u8] {
        &self.answer_to_reset
    }
}

impl Drop for PcscCard {
    /// Waits until the card is let go of, so that the next one who wants it finds it free; but not for a service that hangs.
    fn drop(&mut self) {
        self.orders = None;
        let hangs = self.lost == Some(CardFault::TimedOut);
        let until = Instant::now() + if hangs { Duration::ZERO } else { RELEASE_TIME };
        while self.answers.recv_timeout(until.saturating_duration_since(Instant::now())).is_ok() {}
    }
}

/// Counts a thread as stuck from when its call begins to when it returns and is still listened to.
struct Risk;

impl Risk {
    fn take() -> Self {
        STUCK.fetch_add(1, Ordering::AcqRel);
        Self
    }
}

impl Drop for Risk {
    fn drop(&mut self) {
        STUCK.fetch_sub(1, Ordering::AcqRel);
    }
}

/// The thread that holds a card. Its end of the answers is dropped last, when the card is free. The first answer is the card's to its reset, then one for each order. It ends when nobody orders any more, or the
/// card is lost.
fn hold(reader: &str, orders: &Receiver<Order>, answers: &Sender<Result<Vec<u8>, CardFault>>) {
    let opened = {
        let _risk = Risk::take();
        open(reader)
    };
    let Opened { context, card, name, answer_to_reset } = match opened {
        Ok(opened) => opened,
        Err(fault) => return drop(answers.send(Err(fault))),
    };
    let mut heard = answers.send(Ok(answer_to_reset)).is_ok();
    let mut buffer = vec![0; RESPONSE_BYTES];
    while heard {
        let Ok(order) = orders.recv() else { break };
        let answer = {
            let _risk = Risk::take();
            card.transmit(&order, &mut buffer).map(<[u8]>::to_vec).map_err(|error| why(&context, &name, &card, error))
        };
        let lost = answer.is_err();
        heard = answers.send(answer).is_ok() && !lost;
    }
    let _risk = Risk::take();
    // The reset ends the card's session: nobody after us reads on with our keys. A card that is gone cannot be reset, and need not be.
    let _ = card.disconnect(Disposition::ResetCard);
}

/// A card that is held, with the context that it lives in.
struct Opened {
    context: Context,
    card: Card,
    name: CString,
    answer_to_reset: Vec<u8>,
}

fn open(reader: &str) -> Result<Opened, CardFault> {
    let context = establish()?;
    let names = context.list_readers_owned().map_err(fault_of)?;
    let known: Vec<String> = names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    let chosen = choose(&known, reader)?;
    let name = names.into_iter().find(|name| name.to_string_lossy() == chosen).ok_or(CardFault::ReaderAbsent)?;
    let card = context.connect(&name, ShareMode::Exclusive, Protocols::ANY).map_err(|error| match fault_of(error) {
        // Before the first word a card cannot be taken away from us.
        CardFault::Removed => CardFault::NoCard,
        fault => fault,
    })?;
    let answer_to_reset = card.status2_owned().map_err(fault_of)?.atr().to_vec();
    Ok(Opened { context, card, name, answer_to_reset })
}

/// Why a transmission failed. Drivers name the loss of a card in several ways, so the reader itself is asked whether the card is still there.
fn why(context: &Context, reader: &CStr, card: &Card, error: Error) -> CardFault {
    let fault = fault_of(error);
    if fault != CardFault::Mute && fault != CardFault::NoCard {
        return fault;
    }
    if is_empty(context, reader) || card.status2_owned().is_err_and(|error| fault_of(error) == CardFault::Removed) {
        return CardFault::Removed;
    }
    fault
}

fn is_empty(context: &Context, reader: &CStr) -> bool {
    let mut states = [pcsc::ReaderState::new(reader, pcsc::State::UNAWARE)];
    context.get_status_change(Duration::ZERO, &mut states).is_ok()
        && states[0].event_state().contains(pcsc::State::EMPTY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_is_meant_by_its_name_or_by_its_only_beginning() {
        let names = ["Virtual PCD 00 00", "Virtual PCD 00 01", "ACS ACR1252"].map(str::to_owned);
        assert_eq!(choose(&names, "Virtual PCD 00 01").unwrap(), names[1]);
        assert_eq!(choose(&names, "ACS").unwrap(), names[2]);
        assert_eq!(choose(&names, "Virtual"), Err(CardFault::ReaderAbsent), "two begin so");
        assert_eq!(choose(&names, "Other"), Err(CardFault::ReaderAbsent));
    }

    #[test]
    fn what_the_service_says_is_told_apart() {
        for (error, fault) in [
            (Error::NoService, CardFault::ServiceDown),
            (Error::ServiceStopped, CardFault::ServiceDown),
            (Error::InvalidHandle, CardFault::ServiceDown),
            (Error::NoReadersAvailable, CardFault::ReaderAbsent),
            (Error::SharingViolation, CardFault::ReaderBusy),
            (Error::NoSmartcard, CardFault::NoCard),
            (Error::RemovedCard, CardFault::Removed),
            (Error::UnresponsiveCard, CardFault::Mute),
        ] {
            assert_eq!(fault_of(error), fault);
        }
    }
}
