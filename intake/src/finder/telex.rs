//! What Telex and VNI leave behind when the input method was off: `lamf giaays` is "làm giấy".

/// The word as an input method would have made it, or nothing where its keys make no Vietnamese word.
pub(super) fn decoded(word: &str) -> Option<String> {
    if word.len() < 2 || !word.is_ascii() {
        return None;
    }
    let vni = word.bytes().any(|key| key.is_ascii_digit()) && word.bytes().any(|key| key.is_ascii_alphabetic());
    let made = if vni { from_vni(word) } else { from_telex(word) }?;
    (made != word).then_some(made)
}

/// The letters made so far, and the tone that was asked for.
#[derive(Default)]
struct Making {
    letters: Vec<char>,
    tone: Option<char>,
}

fn from_telex(word: &str) -> Option<String> {
    let mut making = Making::default();
    for key in word.chars() {
        match key {
            's' | 'f' | 'r' | 'x' | 'j' if making.has_vowel() => making.tone = tone_of(key),
            'z' if making.has_vowel() => making.tone = None,
            'a' | 'e' | 'o' if making.reshape(&[key], circumflex(key)) => {}
            'd' if making.reshape(&['d'], 'đ') => {}
            'w' if making.horn() => {}
            'w' => making.letters.push('ư'),
            _ => making.letters.push(key),
        }
    }
    making.finish()
}

fn from_vni(word: &str) -> Option<String> {
    let mut making = Making::default();
    for key in word.chars() {
        let fits = match key {
            '0'..='5' => {
                making.tone = tone_of(key);
                making.has_vowel()
            }
            '6' => ['a', 'e', 'o'].iter().any(|&vowel| making.reshape(&[vowel], circumflex(vowel))),
            '7' => making.horn(),
            '8' => making.reshape(&['a'], 'ă'),
            '9' => making.reshape(&['d'], 'đ'),
            _ => {
                making.letters.push(key);
                true
            }
        };
        if !fits {
            return None;
        }
    }
    making.finish()
}

fn tone_of(key: char) -> Option<char> {
    match key {
        's' | '1' => Some('\u{301}'),
        'f' | '2' => Some('\u{300}'),
        'r' | '3' => Some('\u{309}'),
        'x' | '4' => Some('\u{303}'),
        'j' | '5' => Some('\u{323}'),
        _ => None,
    }
}

fn circumflex(vowel: char) -> char {
    match vowel {
        'a' => 'â',
        'e' => 'ê',
        _ => 'ô',
    }
}

impl Making {
    fn has_vowel(&self) -> bool {
        self.letters.iter().any(|letter| "aăâeêioôơuưy".contains(*letter))
    }

    /// Gives the last of these letters its mark.
    fn reshape(&mut self, plain: &[char], marked: char) -> bool {
        match self.letters.iter().rposition(|letter| plain.contains(letter)) {
            Some(at) => {
                self.letters[at] = marked;
                true
            }
            None => false,
        }
    }

    /// `w` and `7`: the horns of ơ and ư, of both in "ươ", or the bow of ă.
    fn horn(&mut self) -> bool {
        let both = self.letters.windows(2).position(|pair| pair == ['u', 'o']);
        if let Some(at) = both {
            self.letters[at] = 'ư';
            self.letters[at + 1] = 'ơ';
            return true;
        }
        self.reshape(&['o'], 'ơ') || self.reshape(&['u'], 'ư') || self.reshape(&['a'], 'ă')
    }

    /// The tone is written last; whoever compares words does not mind where.
    fn finish(self) -> Option<String> {
        let at = self.letters.iter().rposition(|letter| "aăâeêioôơuưy".contains(*letter))?;
        let mut word: String = self.letters[..=at].iter().collect();
        word.extend(self.tone);
        word.extend(&self.letters[at + 1..]);
        Some(crate::words::nfc(&word))
    }
}

#[cfg(test)]
mod tests {
    use super::decoded;
    use crate::words::exact_key;

    #[track_caller]
    fn check(typed: &str, meant: Option<&str>) {
        assert_eq!(decoded(typed).map(|word| exact_key(&word)), meant.map(exact_key), "{typed}");
    }

    #[test]
    fn telex_is_read() {
        check("lamf", Some("làm"));
        check("giaays", Some("giấy"));
        check("giaasy", Some("giấy"));
        check("giaayj", Some("giậy"));
        check("gias", Some("giá"));
        check("ddawng", Some("đăng"));
        check("dangwd", Some("đăng"));
        check("nuwowcs", Some("nước"));
        check("nuocws", Some("nước"));
        check("hooj", Some("hộ"));
        check("keets", Some("kết"));
        check("con", None);
        check("giấy", None);
        check("b", None);
    }

    #[test]
    fn vni_is_read() {
        check("la2m", Some("làm"));
        check("gia61y", Some("giấy"));
        check("giay61", Some("giấy"));
        check("d9a8ng", Some("đăng"));
        check("nu7o71c", Some("nước"));
        check("kt3", None);
        check("2026", None);
    }
}
