//! Keys as WebDriver names them (W3C WebDriver, "Keyboard actions": code points of the private use area).

use serde_json::{Value, json};

/// One key of the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// `F1` to `F12`.
    F(u8),
    /// The big Enter key.
    Enter,
    /// Tab.
    Tab,
    /// Escape.
    Escape,
    /// The space bar.
    Space,
    /// Control, at the left.
    Control,
    /// Shift, at the left.
    Shift,
    /// A letter, digit or sign.
    Char(char),
}

impl Key {
    /// The key's code point.
    pub fn code(self) -> char {
        match self {
            Key::F(number) => char::from_u32(0xE030 + u32::from(number)).unwrap_or('\u{E031}'),
            Key::Enter => '\u{E007}',
            Key::Tab => '\u{E004}',
            Key::Escape => '\u{E00C}',
            Key::Space => ' ',
            Key::Control => '\u{E009}',
            Key::Shift => '\u{E008}',
            Key::Char(char) => char,
        }
    }
}

/// The action that holds these keys down in order and lets them go in the other order.
pub fn chord(keys: &[Key]) -> Value {
    let stroke = |kind: &str, key: &Key| json!({ "type": kind, "value": key.code().to_string() });
    let down = keys.iter().map(|key| stroke("keyDown", key));
    let up = keys.iter().rev().map(|key| stroke("keyUp", key));
    let strokes: Vec<Value> = down.chain(up).collect();
    json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_keys_stand_where_the_standard_puts_them() {
        assert_eq!(Key::F(1).code(), '\u{E031}');
        assert_eq!(Key::F(12).code(), '\u{E03C}');
    }

    #[test]
    fn a_chord_is_released_in_the_other_order() {
        let strokes = chord(&[Key::Control, Key::Enter]);
        let kinds: Vec<&str> = strokes["actions"][0]["actions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|stroke| stroke["type"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["keyDown", "keyDown", "keyUp", "keyUp"]);
        assert_eq!(strokes["actions"][0]["actions"][2]["value"], "\u{E007}");
    }
}
