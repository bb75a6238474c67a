use super::*;
use intake::authority::Rank;
use intake::ids::{Desk, IntentId, StationId};
use sync::hub::HubStatus;
use sync::protocol::{StationCard, StationRole};
use sync::wire::Fixed;
use uuid::Uuid;

type Meanwhile = Box<dyn FnOnce() + Send>;

/// A hub that leads in this epoch and gives every ticket; something may happen while it answers.
struct Giving {
    epoch: u64,
    meanwhile: Mutex<Option<Meanwhile>>,
}

impl QueueAuthority for Giving {
    fn claim(&self, _: &ClaimAsk) -> Result<ClaimAnswer, CentreFault> {
        if let Some(act) = self.meanwhile.lock().unwrap().take() {
            act();
        }
        Ok(ClaimAnswer::Yours { epoch: self.epoch })
    }
}

struct One(Arc<Giving>);

impl Peers for One {
    type Line = Giving;

    fn count(&self) -> usize {
        1
    }

    fn ask_all(&self) -> Vec<Heard<Giving>> {
        let (epoch, hub) = (self.0.epoch, StationId(Uuid::from_u128(1)));
        let card = StationCard {
            station: hub,
            label: "hub".into(),
            role: StationRole::Hub,
            site: "00004".into(),
            scopes: vec![],
            key_no: 0,
            sign_public: Fixed([0; 32]),
            signature: Fixed([0; 64]),
        };
        let status = HubStatus { card, epoch, leads: true, signature: Fixed([0; 64]) };
        vec![Heard { line: Arc::clone(&self.0), status, rank: Rank { epoch, hub } }]
    }
}

fn line(epoch: u64) -> Giving {
    Giving { epoch, meanwhile: Mutex::default() }
}

fn over(hub: Giving, followed: u64) -> Arc<Uplink<One>> {
    let hubs = Arc::new(One(Arc::new(hub)));
    Arc::new(Uplink::over(line(0), hubs, Box::new(|| Duration::ZERO), followed))
}

fn ask(epoch: u64) -> Option<ClaimAsk> {
    let request = IntentId(Uuid::from_u128(1));
    Some(ClaimAsk { request, visit: None, desk: Desk::new("1"), turn: 0, epoch, written: None, before: vec![] })
}

#[test]
fn an_answer_that_was_overtaken_is_not_taken() {
    let uplink = over(line(2), 0);
    assert_eq!(uplink.claim(ask), Some(ClaimAnswer::Yours { epoch: 2 }));
    let hub = uplink.hub().unwrap();
    let (other, of) = (Arc::clone(&uplink), Arc::clone(&hub));
    // While the answer comes, another thread hears that somebody leads in a higher epoch, and follows there.
    *hub.meanwhile.lock().unwrap() = Some(Box::new(move || other.lose(&of, 3)));
    assert_eq!(uplink.claim(ask), None);
    assert_eq!(uplink.claim(ask), None, "and no hub of that epoch is followed again");
}

#[test]
fn a_desk_that_was_started_again_follows_no_older_hub() {
    assert_eq!(over(line(2), 3).claim(ask), None);
    assert_eq!(over(line(3), 3).claim(ask), Some(ClaimAnswer::Yours { epoch: 3 }));
}

#[test]
fn a_desk_that_cannot_keep_its_word_gives_none() {
    assert_eq!(over(line(2), 0).claim(|_| None), None);
}
