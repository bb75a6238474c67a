//! Where chance comes from: handed in, so that the worked examples can be reproduced to the bit.

use zeroize::Zeroizing;

/// A source of random bytes.
pub trait Randomness {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// When the source has no more.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomness>;
}

/// The source of random bytes failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no random bytes can be had")]
pub struct NoRandomness;

/// The operating system's randomness.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        getrandom::fill(bytes).map_err(|_| NoRandomness)
    }
}

/// So many random bytes, which are wiped when they are dropped.
pub(crate) fn draw(random: &mut dyn Randomness, count: usize) -> Result<Zeroizing<Vec<u8>>, NoRandomness> {
    let mut bytes = Zeroizing::new(vec![0; count]);
    random.fill(&mut bytes)?;
    Ok(bytes)
}

/// Bytes known beforehand, for worked examples.
#[cfg(test)]
pub(crate) struct Scripted(pub std::collections::VecDeque<u8>);

#[cfg(test)]
impl Randomness for Scripted {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
        for byte in bytes {
            *byte = self.0.pop_front().ok_or(NoRandomness)?;
        }
        Ok(())
    }
}
