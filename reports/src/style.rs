//! Colour, only when asked for.

/// Whether to colour terminal output. `NO_COLOR`, `--color` and terminal detection are the caller's business.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// No escape sequences at all.
    #[default]
    Plain,
    /// ANSI colours.
    Ansi,
}

/// What a piece of text means; the style decides how that looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Plain,
    Good,
    Bad,
    Warning,
    Heading,
    Faint,
}

impl Style {
    /// `text` as it shall look. The text must already be free of escape sequences.
    pub(crate) fn paint(self, ink: Ink, text: &str) -> String {
        let code = match (self, ink) {
            (Self::Plain, _) | (_, Ink::Plain) => return text.to_owned(),
            (Self::Ansi, Ink::Good) => "32",
            (Self::Ansi, Ink::Bad) => "1;31",
            (Self::Ansi, Ink::Warning) => "33",
            (Self::Ansi, Ink::Heading) => "1",
            (Self::Ansi, Ink::Faint) => "2",
        };
        // Padding stays outside the colour.
        let bare = text.trim_end();
        format!("\u{1b}[{code}m{bare}\u{1b}[0m{}", &text[bare.len()..])
    }
}
