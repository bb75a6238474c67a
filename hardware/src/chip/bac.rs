//! Basic access control (Doc 9303 part 11, 4.3): who knows what is printed on the card may read it. Pure; both sides.

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::cipher::{Cipher, Key, Purpose, pad};
use super::random::{NoRandomness, Randomness, draw};
use super::secure_messaging::SecureMessaging;

const CIPHER: Cipher = Cipher::TripleDes;
const ZERO: [u8; 8] = [0; 8];
/// Bytes of an encrypted message of the exchange.
const HIDDEN_BYTES: usize = 32;

/// The keys that a card's machine-readable zone gives.
pub struct AccessKeys {
    encryption: Key,
    authentication: Key,
}

impl AccessKeys {
    /// The keys from the seed: the first sixteen bytes of the zone's hash.
    #[must_use]
    pub fn from_seed(seed: &[u8]) -> Self {
        Self {
            encryption: CIPHER.derive(seed, Purpose::Encryption),
            authentication: CIPHER.derive(seed, Purpose::Authentication),
        }
    }

    fn seal(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut sealed = CIPHER.encrypt(&self.encryption, &ZERO, message)?;
        sealed.extend(CIPHER.mac(&self.authentication, &pad(&sealed, CIPHER.block_bytes()))?);
        Some(sealed)
    }

    fn open(&self, sealed: &[u8]) -> Option<Key> {
        let (hidden, mac) = sealed.split_at_checked(HIDDEN_BYTES)?;
        let right = CIPHER.mac(&self.authentication, &pad(hidden, CIPHER.block_bytes()))?;
        if !bool::from(right.ct_eq(mac)) {
            return None;
        }
        CIPHER.decrypt(&self.encryption, &ZERO, hidden).map(Zeroizing::new)
    }
}

/// What a reader keeps between its message and the card's answer.
pub struct Reader<'a> {
    keys: &'a AccessKeys,
    challenge: [u8; 8],
    nonce: Zeroizing<Vec<u8>>,
    part: Key,
}

impl<'a> Reader<'a> {
    /// The reader's message in answer to the card's challenge.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn answer(
        keys: &'a AccessKeys,
        challenge: [u8; 8],
        random: &mut dyn Randomness,
    ) -> Result<(Self, Vec<u8>), NoRandomness> {
        let nonce = draw(random, 8)?;
        let part = draw(random, 16)?;
        let message = Zeroizing::new([&nonce[..], &challenge, &part].concat());
        let sealed = keys.seal(&message).ok_or(NoRandomness)?;
        Ok((Self { keys, challenge, nonce, part }, sealed))
    }

    /// The session, when the card's answer is right; none when it is forged.
    #[must_use]
    pub fn finish(&self, answer: &[u8]) -> Option<SecureMessaging> {
        let message = self.keys.open(answer)?;
        let (challenge, rest) = message.split_at_checked(8)?;
        let (nonce, part) = rest.split_at_checked(8)?;
        let ours = challenge.ct_eq(&self.challenge) & nonce.ct_eq(&self.nonce);
        bool::from(ours).then(|| session(&self.part, part, &self.challenge, &self.nonce))
    }
}

/// The card's side: its answer and the session; none when the reader does not know the keys.
///
/// # Errors
/// [`NoRandomness`].
pub fn answer_of_card(
    keys: &AccessKeys,
    challenge: [u8; 8],
    message: &[u8],
    random: &mut dyn Randomness,
) -> Result<Option<(Vec<u8>, SecureMessaging)>, NoRandomness> {
    let part = draw(random, 16)?;
    let Some(opened) = keys.open(message) else { return Ok(None) };
    let (nonce, rest) = opened.split_at(8);
    let (theirs, reader_part) = rest.split_at(8);
    if !bool::from(theirs.ct_eq(&challenge)) {
        return Ok(None);
    }
    let sealed = keys.seal(&[&challenge, nonce, &part].concat());
    Ok(sealed.map(|sealed| (sealed, session(reader_part, &part, &challenge, nonce))))
}

/// The session's keys come from both parts, its counter from the ends of both nonces.
fn session(reader_part: &[u8], card_part: &[u8], card_nonce: &[u8], reader_nonce: &[u8]) -> SecureMessaging {
    let seed: Key = Zeroizing::new(reader_part.iter().zip(card_part).map(|(ours, theirs)| ours ^ theirs).collect());
    let ends = card_nonce.iter().skip(4).chain(reader_nonce.iter().skip(4));
    let counter = ends.fold(0_u64, |counter, byte| counter << 8 | u64::from(*byte));
    SecureMessaging::new(CIPHER, &seed, counter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chip::key::MrzKey;
    use crate::chip::random::Scripted;
    use crate::chip::testing::hex;
    use proptest::prelude::*;

    /// Appendix D.2 and D.3 of Doc 9303 part 11.
    #[test]
    fn the_worked_example_is_reproduced_to_the_bit() {
        let key = MrzKey::new("L898902C<", "690806", "940623").unwrap();
        assert_eq!(&key.information()[..], b"L898902C<369080619406236");
        assert_eq!(key.seed()[..], hex("239AB9CB282DAF66231DC5A4DF6BFBAE"));
        let keys = AccessKeys::from_seed(&key.seed());
        assert_eq!(keys.encryption[..], hex("AB94FDECF2674FDFB9B391F85D7F76F2"));
        assert_eq!(keys.authentication[..], hex("7962D9ECE03D1ACD4C76089DCE131543"));

        let challenge = *hex("4608F91988702212").first_chunk().unwrap();
        let chance = hex("781723860C06C2260B795240CB7049B01C19B33E32804F0B");
        let (reader, message) = Reader::answer(&keys, challenge, &mut Scripted(chance.into())).unwrap();
        assert_eq!(message, hex("72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A7"));

        let part = hex("0B4F80323EB3191CB04970CB4052790B");
        let (answer, card) = answer_of_card(&keys, challenge, &message, &mut Scripted(part.into())).unwrap().unwrap();
        assert_eq!(answer, hex("46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D7449"));

        let session = reader.finish(&answer).unwrap();
        let (encryption, authentication) =
            (hex("979EC13B1CBFE9DCD01AB0FED307EAE5"), hex("F1CB1F1FB5ADF208806B89DC579DC1F8"));
        assert_eq!(session.keys(), (&encryption[..], &authentication[..]));
        assert_eq!(card.keys(), session.keys());
        assert_eq!(session.counter(), 0x8870_2212_0C06_C226);
    }

    proptest! {
        #[test]
        fn nothing_but_the_right_answer_is_taken(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let keys = AccessKeys::from_seed(&[1; 16]);
            let (reader, _) = Reader::answer(&keys, [2; 8], &mut Scripted(vec![3; 24].into())).unwrap();
            prop_assert!(reader.finish(&bytes).is_none());
            prop_assert!(answer_of_card(&keys, [2; 8], &bytes, &mut Scripted(vec![3; 16].into())).unwrap().is_none());
        }
    }
}
