//! Making text from an adversary safe to show.
//!
//! Everything a target sends may end up in a terminal or in an XML file: escape sequences, overlong strings, characters
//! that reverse the reading direction. What is shown is escaped, never dropped, so that the reader sees it was there.

/// `text` on one line, with every character that a terminal or an XML reader would act on written as an escape.
#[must_use]
pub fn visible(text: &str) -> String {
    escape(text, |_| false)
}

/// Like [`visible`], but line breaks stay.
#[must_use]
pub fn visible_lines(text: &str) -> String {
    escape(text, |character| character == '\n')
}

/// `text` cut after `limit` characters, with a note of how long it was.
#[must_use]
pub fn clip(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} characters)", &text[..end], text.chars().count()),
    }
}

/// [`visible`] and [`clip`] in one; cuts first, so that the work is bounded by `limit`.
#[must_use]
pub fn visible_clip(text: &str, limit: usize) -> String {
    visible(&clip(text, limit))
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmless(character) || keep(character) {
            out.push(character);
        } else {
            out.extend(character.escape_default());
        }
    }
    out
}

/// Neither a control character, nor invisible, nor one that changes the reading direction, nor illegal in XML 1.0.
fn is_harmless(character: char) -> bool {
    !(character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
            | '\u{FDD0}'..='\u{FDEF}')
        || (u32::from(character) & 0xFFFE) == 0xFFFE)
}

/// How many columns `text` takes, one per character: near enough for text that went through [`visible`].
#[must_use]
pub(crate) fn columns(text: &str) -> usize {
    text.chars().count()
}

/// `text` broken at spaces into lines of at most `width` columns; a word longer than that is cut.
#[must_use]
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(20);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word: Vec<char> = word.chars().collect();
        if used > 0 && used + 1 + word.len() > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        while word.len() > width {
            lines.push(word.drain(..width).collect());
        }
        if used > 0 && !word.is_empty() {
            line.push(' ');
            used += 1;
        }
        used += word.len();
        line.extend(word);
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// `text` in at most `limit` columns, with an ellipsis where it was cut.
#[must_use]
pub(crate) fn shorten(text: &str, limit: usize) -> String {
    if columns(text) <= limit {
        return text.to_owned();
    }
    text.chars().take(limit.saturating_sub(1)).chain(['…']).collect()
}

/// `1 scenario`, `2 scenarios`.
#[must_use]
pub fn plural(count: usize, noun: &str) -> String {
    counted(count, noun, &format!("{noun}s"))
}

/// A count and its noun, where an `s` is not all it takes.
pub(crate) fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_act_on_is_escaped() {
        assert_eq!(visible("a\u{1b}[31mred\r\n\u{9b}0m"), "a\\u{1b}[31mred\\r\\n\\u{9b}0m");
        assert_eq!(visible("\u{202e}txet\u{2066}"), "\\u{202e}txet\\u{2066}");
        assert_eq!(visible("nul \0 fffe \u{fffe} bom \u{feff}"), "nul \\u{0} fffe \\u{fffe} bom \\u{feff}");
        assert_eq!(visible("Käse 日本 🦀"), "Käse 日本 🦀");
        assert_eq!(visible_lines("a\nb\u{7}"), "a\nb\\u{7}");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        assert_eq!(clip("short", 5), "short");
        assert_eq!((shorten("short", 5).as_str(), shorten("longer", 5).as_str()), ("short", "long…"));
        assert_eq!(clip("äöüß!", 3), "äöü… (5 characters)");
        assert!(visible_clip(&"\0".repeat(1_000_000), 10).len() < 100);
    }

    #[test]
    fn wrapping_keeps_every_word_within_the_width() {
        let lines = wrap("the quick brown fox jumps over the lazy dog", 20);
        assert_eq!(lines, ["the quick brown fox", "jumps over the lazy", "dog"]);
        let lines = wrap(&"x".repeat(50), 20);
        assert_eq!(lines.iter().map(String::len).collect::<Vec<_>>(), [20, 20, 10]);
        assert_eq!(wrap("", 20), [""]);
        assert_eq!(wrap(&format!("ab {}", "x".repeat(40)), 20)[0], "ab");
    }
}
