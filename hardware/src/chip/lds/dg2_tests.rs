use super::*;
use proptest::prelude::*;

fn face(format: FaceFormat) -> Face {
    let image: &[u8] = match format {
        FaceFormat::Jpeg => include_bytes!("../../../../fixtures/chips/face.jpg"),
        FaceFormat::Jpeg2000 => include_bytes!("../../../../fixtures/chips/face.jp2"),
    };
    Face { format, width: 240, height: 320, image: image.to_vec() }
}

/// A record in a template, with a given tag.
fn file(record_tag: u32, record: &[u8]) -> Vec<u8> {
    let template = tlv::write(TAG_TEMPLATE, &tlv::write(record_tag, record));
    tlv::write(0x75, &tlv::write_all(TAG_GROUP, &[&[2, 1, 1], &template]))
}

/// A record written field by field, with two feature points.
fn record_with_points() -> Vec<u8> {
    let image = b"\xFF\xD8\xFF\xE0rest";
    let mut record = b"FAC\x00010\x00\x00\x00\x00\x46\x00\x01\x00\x00\x00\x38\x00\x02".to_vec();
    record.extend([0; 14]);
    record.extend([0; 16]);
    record.extend([0x01, 0x00, 0x01, 0x2C, 0x01, 0x90, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00]);
    record.extend(image);
    record
}

#[test]
fn faces_are_written_and_read() {
    for format in [FaceFormat::Jpeg, FaceFormat::Jpeg2000] {
        let face = face(format);
        assert_eq!(parse(&write(&face)).unwrap(), face);
    }
}

#[test]
fn feature_points_are_skipped() {
    for tag in TAGS_RECORD {
        let face = parse(&file(tag, &record_with_points())).unwrap();
        assert_eq!((face.width, face.height, face.image.as_slice()), (300, 400, b"\xFF\xD8\xFF\xE0rest".as_slice()));
    }
}

#[test]
fn the_picture_says_its_format_and_not_the_record() {
    let mut record = record_with_points();
    let kind = record.len() - 8 - IMAGE_HEAD + 1;
    record[kind] = 1;
    assert_eq!(parse(&file(0x5F2E, &record)).unwrap().format, FaceFormat::Jpeg);
}

#[test]
fn what_is_no_face_is_told() {
    let record = record_with_points();
    let with = |at: usize, byte: u8| {
        let mut record = record.clone();
        record[at] = byte;
        parse(&file(0x5F2E, &record))
    };
    assert_eq!(with(0, b'X').err(), Some(WRONG_RECORD), "not FAC");
    assert_eq!(with(17, 0xFF).err(), Some(LdsError::Cut), "longer than the record");
    assert_eq!(with(17, 3).err(), Some(WRONG_RECORD), "shorter than its head");
    assert_eq!(with(19, 0xFF).err(), Some(WRONG_RECORD), "more points than bytes");
    assert_eq!(with(record.len() - 8, b'G').err(), Some(LdsError::Unsupported(Part::FaceImage)), "neither format");
    assert_eq!(parse(&file(0x5F2F, &record)).err(), Some(WRONG_RECORD), "no record");
}

#[test]
fn a_cut_at_every_byte_is_told() {
    let bytes = write(&face(FaceFormat::Jpeg2000));
    for end in 0..bytes.len() {
        assert_eq!(parse(&bytes[..end]).err(), Some(LdsError::Cut), "{end}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
        let _ = parse(&file(0x5F2E, &bytes));
        let _ = parse(&file(0x5F2E, &[MAGIC, &bytes].concat()));
    }
}
