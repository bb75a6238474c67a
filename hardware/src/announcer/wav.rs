//! Sound as PCM of 16 bits in a wav file: read, joined and written. Pure; total.

use std::time::Duration;

/// Some sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wav {
    /// Samples a second of one channel.
    pub rate: u32,
    /// 1 or 2.
    pub channels: u16,
    /// The samples, channel by channel in turn.
    pub samples: Vec<i16>,
}

/// Why bytes are not sound that can be joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WavError {
    /// No wav file, or cut off before its sound.
    #[error("not a wav file")]
    NotWav,
    /// Not PCM of 16 bits in one or two channels at 8 to 192 kHz.
    #[error("not PCM of 16 bits, mono or stereo")]
    NotPcm16,
    /// Parts of different rates or channels, or no part.
    #[error("clips of different rates or channels")]
    Mixed,
}

impl Wav {
    /// Reads a wav file. A file that was written to a pipe, and whose length is therefore not told, is read to its end.
    ///
    /// # Errors
    /// [`WavError`] says why not.
    pub fn parse(bytes: &[u8]) -> Result<Self, WavError> {
        if bytes.get(..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WAVE") {
            return Err(WavError::NotWav);
        }
        let (mut at, mut format) = (12, None);
        while let Some(header) = bytes.get(at..at + 8) {
            let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
            let rest = &bytes[at + 8..];
            let body = &rest[..length.min(rest.len())];
            match &header[..4] {
                b"fmt " => format = Some(read_format(body)?),
                b"data" => {
                    let (rate, channels) = format.ok_or(WavError::NotWav)?;
                    return Ok(Self { rate, channels, samples: whole_frames(body, channels) });
                }
                _ => {}
            }
            // Chunks begin at even places.
            at = at.saturating_add(8).saturating_add(length).saturating_add(length % 2);
            if at > bytes.len() {
                break;
            }
        }
        Err(WavError::NotWav)
    }

    /// The bytes of a wav file.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let data: Vec<u8> = self.samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
        let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let frame = self.channels * 2;
        let mut bytes = b"RIFF".to_vec();
        bytes.extend(length.saturating_add(36).to_le_bytes());
        bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0");
        bytes.extend(self.channels.to_le_bytes());
        bytes.extend(self.rate.to_le_bytes());
        bytes.extend(self.rate.saturating_mul(u32::from(frame)).to_le_bytes());
        bytes.extend(frame.to_le_bytes());
        bytes.extend(16_u16.to_le_bytes());
        bytes.extend(b"data");
        bytes.extend(length.to_le_bytes());
        bytes.extend(data);
        bytes
    }

    /// One sound after the other, each followed by so much silence.
    ///
    /// # Errors
    /// [`WavError::Mixed`] when they cannot be joined.
    pub fn join(parts: &[(Self, Duration)]) -> Result<Self, WavError> {
        let (first, _) = parts.first().ok_or(WavError::Mixed)?;
        let mut joined = Self { rate: first.rate, channels: first.channels, samples: Vec::new() };
        for (part, silence) in parts {
            if (part.rate, part.channels) != (joined.rate, joined.channels) {
                return Err(WavError::Mixed);
            }
            joined.samples.extend(&part.samples);
            let frames = usize::try_from(silence.as_millis() * u128::from(joined.rate) / 1000).unwrap_or(0);
            joined.samples.resize(joined.samples.len() + frames * usize::from(joined.channels), 0);
        }
        Ok(joined)
    }

    /// Without the silence before and after the sound, but for a fiftieth of a second; silence is what is nowhere louder than `quiet`.
    #[must_use]
    pub fn trimmed(&self, quiet: u16) -> Self {
        let channels = usize::from(self.channels.max(1));
        let frames: Vec<&[i16]> = self.samples.chunks_exact(channels).collect();
        let loud = |frame: &&[i16]| frame.iter().any(|sample| sample.unsigned_abs() > quiet);
        let margin = self.rate as usize / 50;
        let (Some(first), Some(last)) = (frames.iter().position(loud), frames.iter().rposition(loud)) else {
            return Self { samples: Vec::new(), ..*self };
        };
        let kept = &frames[first.saturating_sub(margin)..(last + 1 + margin).min(frames.len())];
        Self { samples: kept.concat(), ..*self }
    }

    /// How long it sounds.
    #[must_use]
    pub fn duration(&self) -> Duration {
        let frames = self.samples.len() / usize::from(self.channels.max(1));
        Duration::from_secs_f64(frames as f64 / f64::from(self.rate.max(1)))
    }
}

/// Rate and channels.
fn read_format(body: &[u8]) -> Result<(u32, u16), WavError> {
    let u16_at = |at: usize| Some(u16::from_le_bytes([*body.get(at)?, *body.get(at + 1)?]));
    let read = || {
        let rate = u32::from(u16_at(4)?) | (u32::from(u16_at(6)?) << 16);
        Some((u16_at(0)?, u16_at(2)?, rate, u16_at(14)?))
    };
    let (tag, channels, rate, bits) = read().ok_or(WavError::NotWav)?;
    // FFFE says the same at greater length.
    let pcm16 = matches!(tag, 1 | 0xFFFE) && bits == 16;
    let usual = (1..=2).contains(&channels) && (8_000..=192_000).contains(&rate);
    if pcm16 && usual { Ok((rate, channels)) } else { Err(WavError::NotPcm16) }
}

fn whole_frames(body: &[u8], channels: u16) -> Vec<i16> {
    let frame = usize::from(channels) * 2;
    let whole = &body[..body.len() - body.len() % frame];
    whole.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wav(samples: &[i16]) -> Wav {
        Wav { rate: 8000, channels: 1, samples: samples.to_vec() }
    }

    #[test]
    fn sounds_are_joined_with_silence_between() {
        let joined = Wav::join(&[(wav(&[1, 2]), Duration::from_millis(1)), (wav(&[3]), Duration::ZERO)]).unwrap();
        assert_eq!(joined.samples, [1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 3]);
        let other = Wav { rate: 16_000, ..wav(&[1]) };
        assert_eq!(Wav::join(&[(wav(&[1]), Duration::ZERO), (other, Duration::ZERO)]), Err(WavError::Mixed));
        assert_eq!(Wav::join(&[]), Err(WavError::Mixed));
        assert_eq!(wav(&[0; 4000]).duration(), Duration::from_millis(500));
    }

    #[test]
    fn silence_around_a_sound_is_cut_off() {
        let samples = [vec![5; 1000], vec![900, -900, 0, 900], vec![-5; 1000]].concat();
        let trimmed = wav(&samples).trimmed(300);
        assert_eq!((trimmed.samples.len(), trimmed.samples[160], trimmed.samples[163]), (160 + 4 + 160, 900, 900));
        assert!(wav(&[5; 100]).trimmed(300).samples.is_empty());
        assert_eq!(wav(&[900]).trimmed(300).samples, [900]);
        let stereo = Wav { channels: 2, ..wav(&[0, 900, 0, 0]) };
        assert_eq!(stereo.trimmed(300).samples, [0, 900, 0, 0]);
    }

    #[test]
    fn other_sounds_are_refused_and_a_pipes_is_read_to_its_end() {
        let bytes = wav(&[5, 6]).encode();
        let change = |at: usize, to: &[u8]| {
            let mut bytes = bytes.clone();
            bytes[at..at + to.len()].copy_from_slice(to);
            Wav::parse(&bytes)
        };
        assert_eq!(change(34, &[8]), Err(WavError::NotPcm16));
        assert_eq!(change(20, &[3]), Err(WavError::NotPcm16));
        assert_eq!(change(0, b"RIFX"), Err(WavError::NotWav));
        assert_eq!(change(40, &[0xFF, 0xFF, 0xFF, 0x7F]).unwrap().samples, [5, 6]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(samples: Vec<i16>, stereo: bool, rate in 8_000..=192_000_u32) {
            let samples = if stereo { [samples.clone(), samples].concat() } else { samples };
            let wav = Wav { rate, channels: if stereo { 2 } else { 1 }, samples };
            prop_assert_eq!(Wav::parse(&wav.encode()), Ok(wav));
        }

        #[test]
        fn any_bytes_are_survived(bytes: Vec<u8>, at: prop::sample::Index, byte: u8) {
            prop_assert!(bytes.starts_with(b"RIFF") || Wav::parse(&bytes).is_err());
            let mut damaged = wav(&[1, 2, 3]).encode();
            let at = at.index(damaged.len());
            damaged[at] = byte;
            drop(Wav::parse(&damaged));
            drop(Wav::parse(&damaged[..at]));
            drop(Wav::parse(&[b"RIFF\0\0\0\0WAVE".as_slice(), &bytes].concat()));
        }
    }
}
