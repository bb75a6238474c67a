//! DG2: the face, in a record of ISO 19794-5 inside a template of ISO 7816-11.

use std::fmt;

use super::tlv::{self, tag};
use super::{DataGroup, LdsError, LdsFile, Part};

const WRONG_RECORD: LdsError = LdsError::Malformed(Part::FaceRecord);
const TAG_GROUP: u32 = 0x7F61;
const TAG_TEMPLATE: u32 = 0x7F60;
const TAG_HEADER: u32 = 0xA1;
/// The record itself, in either of the two tags that are in use.
const TAGS_RECORD: [u32; 2] = [0x5F2E, 0x7F2E];
/// What a record begins with: `FAC`, then the version `010`.
const MAGIC: &[u8] = b"FAC\x00010\x00";
const RECORD_HEAD: usize = 14;
const FACE_HEAD: usize = 20;
const FEATURE_POINT: usize = 8;
const IMAGE_HEAD: usize = 12;

/// How a face's picture is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FaceFormat {
    /// JPEG, which every window can show.
    Jpeg,
    /// JPEG 2000; [`super::face::decode`] makes pixels of it.
    Jpeg2000,
}

/// The face's picture. `Debug` shows no personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Face {
    /// How it is packed, told by its first bytes.
    pub format: FaceFormat,
    /// The width that the record gives, in pixels; some chips give none.
    pub width: u16,
    /// The height that the record gives, in pixels.
    pub height: u16,
    /// The picture's bytes.
    pub image: Vec<u8>,
}

impl fmt::Debug for Face {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Face {{ {:?}, {}x{}, {} bytes }}", self.format, self.width, self.height, self.image.len())
    }
}

impl FaceFormat {
    /// The format of a picture, by its first bytes.
    #[must_use]
    pub fn of_image(image: &[u8]) -> Option<Self> {
        const JP2: &[u8] = b"\x00\x00\x00\x0CjP  ";
        const CODESTREAM: &[u8] = b"\xFF\x4F\xFF\x51";
        if image.starts_with(b"\xFF\xD8\xFF") {
            return Some(Self::Jpeg);
        }
        (image.starts_with(JP2) || image.starts_with(CODESTREAM)).then_some(Self::Jpeg2000)
    }
}

/// Reads DG2: its first face.
///
/// # Errors
/// [`LdsError`] for bytes that are no such file; [`LdsError::Unsupported`] for a picture that is neither JPEG nor JPEG 2000.
pub fn parse(bytes: &[u8]) -> Result<Face, LdsError> {
    let mut group = tlv::file(bytes, file_tag())?.inside().expect(TAG_GROUP)?.inside();
    group.expect(tag::INTEGER)?;
    let template = group.expect(TAG_TEMPLATE)?.inside();
    let record = template.all()?.into_iter().find(|element| TAGS_RECORD.contains(&element.tag)).ok_or(WRONG_RECORD)?;
    parse_record(record.value)
}

/// The first face of a record of ISO 19794-5.
fn parse_record(record: &[u8]) -> Result<Face, LdsError> {
    if !record.starts_with(MAGIC) {
        return Err(if record.len() < MAGIC.len() { LdsError::Cut } else { WRONG_RECORD });
    }
    let face = record.get(RECORD_HEAD..).ok_or(LdsError::Cut)?;
    let length = usize::try_from(big_endian(face, 0, 4)?).map_err(|_| WRONG_RECORD)?;
    let face = face.get(..length).ok_or(LdsError::Cut)?;
    let points = usize::try_from(big_endian(face, 4, 2)?).map_err(|_| WRONG_RECORD)?;
    let head = face.get(FACE_HEAD + points * FEATURE_POINT..).ok_or(WRONG_RECORD)?;
    let image = head.get(IMAGE_HEAD..).ok_or(WRONG_RECORD)?;
    let side = |at| big_endian(head, at, 2).and_then(|side| u16::try_from(side).map_err(|_| WRONG_RECORD));
    Ok(Face {
        format: FaceFormat::of_image(image).ok_or(LdsError::Unsupported(Part::FaceImage))?,
        width: side(2)?,
        height: side(4)?,
        image: image.to_vec(),
    })
}

fn big_endian(bytes: &[u8], at: usize, count: usize) -> Result<u32, LdsError> {
    let digits = bytes.get(at..at + count).ok_or(WRONG_RECORD)?;
    Ok(digits.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

/// Writes DG2 with one face.
#[must_use]
pub fn write(face: &Face) -> Vec<u8> {
    // A header that says: facial features, format owner ISO, format type 8.
    let header = [
        tlv::write(0x81, &[0x02]),
        tlv::write(0x82, &[0x00]),
        tlv::write(0x87, &[0x01, 0x01]),
        tlv::write(0x88, &[0x00, 0x08]),
    ]
    .concat();
    let template = tlv::write_all(
        TAG_TEMPLATE,
        &[&tlv::write(TAG_HEADER, &header), &tlv::write(TAGS_RECORD[0], &write_record(face))],
    );
    tlv::write(file_tag(), &tlv::write_all(TAG_GROUP, &[&tlv::integer(&[1]), &template]))
}

fn write_record(face: &Face) -> Vec<u8> {
    let face_length = FACE_HEAD + IMAGE_HEAD + face.image.len();
    let total = RECORD_HEAD + face_length;
    let mut record = MAGIC.to_vec();
    record.extend((total as u32).to_be_bytes());
    record.extend([0, 1]);
    record.extend((face_length as u32).to_be_bytes());
    record.extend([0; FACE_HEAD - 4]);
    record.extend([1, u8::from(face.format == FaceFormat::Jpeg2000)]);
    record.extend(face.width.to_be_bytes());
    record.extend(face.height.to_be_bytes());
    // 24-bit sRGB; source, device and quality are not said.
    record.extend([1, 0, 0, 0, 0, 0]);
    record.extend_from_slice(&face.image);
    record
}

fn file_tag() -> u32 {
    u32::from(LdsFile::Group(DataGroup::DG2).tag())
}

#[cfg(test)]
#[path = "dg2_tests.rs"]
mod tests;
