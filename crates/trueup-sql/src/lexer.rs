//! The words of SQL as PostgreSQL's own lexer cuts them, white space and comments included.
//!
//! Nothing is ever refused: what is not SQL becomes [`TokenKind::Other`], and what is opened and never closed
//! reaches to the end of the text and says so. The tokens of a text, put together, are the text.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: TokenKind,
    pub start: usize,
    pub end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Space,
    LineComment,
    BlockComment {
        closed: bool,
    },
    /// A keyword or a name without quotes.
    Word,
    /// `"…"`
    QuotedIdent {
        closed: bool,
    },
    /// `U&"…"`
    UnicodeIdent {
        closed: bool,
    },
    String {
        kind: StringKind,
        closed: bool,
        /// It goes on with the string before it: only white space with a line end stands between them.
        continued: bool,
    },
    /// `$tag$…$tag$`
    DollarString {
        closed: bool,
    },
    Number,
    /// `$1`
    Parameter,
    /// One of PostgreSQL's operators, or a sequence of characters that could name one.
    Operator,
    /// `( ) [ ] , ; : . :: := ..`
    Punctuation,
    /// A character that no SQL has outside of quotes.
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StringKind {
    /// `'…'`
    Standard,
    /// `E'…'`, where a backslash escapes. Also `'…'` while `standard_conforming_strings` is off.
    Escape,
    /// `N'…'`
    National,
    /// `B'…'`
    Bit,
    /// `X'…'`
    Hex,
    /// `U&'…'`
    Unicode,
}

impl Token {
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        &source[self.start..self.end]
    }

    /// It means something: neither white space nor a comment.
    pub fn is_significant(&self) -> bool {
        match self.kind {
            TokenKind::Space | TokenKind::LineComment | TokenKind::BlockComment { .. } => false,
            TokenKind::Word
            | TokenKind::QuotedIdent { .. }
            | TokenKind::UnicodeIdent { .. }
            | TokenKind::String { .. }
            | TokenKind::DollarString { .. }
            | TokenKind::Number
            | TokenKind::Parameter
            | TokenKind::Operator
            | TokenKind::Punctuation
            | TokenKind::Other => true,
        }
    }

    pub fn is_comment(&self) -> bool {
        matches!(self.kind, TokenKind::LineComment | TokenKind::BlockComment { .. })
    }

    /// It can be a name: a word, or a whole one in quotes.
    pub fn is_ident(&self) -> bool {
        matches!(
            self.kind,
            TokenKind::Word
                | TokenKind::QuotedIdent { closed: true }
                | TokenKind::UnicodeIdent { closed: true }
        )
    }
}

/// All tokens of a text.
pub fn tokens(source: &str) -> impl Iterator<Item = Token> {
    let mut lexer = Lexer::default();
    let mut position = 0;
    std::iter::from_fn(move || {
        let token = lexer.token_at(source, position)?;
        position = token.end;
        Some(token)
    })
}

/// The tokens of a text that mean something.
pub fn significant_tokens(source: &str) -> impl Iterator<Item = Token> {
    tokens(source).filter(Token::is_significant)
}

/// What has to be remembered from one token to the next.
#[derive(Clone, Debug)]
pub struct Lexer {
    /// `standard_conforming_strings`: whether a backslash in `'…'` is an ordinary character.
    pub standard_strings: bool,
    /// The string that just ended, while only white space and line comments have followed it.
    open: Option<StringKind>,
    newline_seen: bool,
}

impl Default for Lexer {
    fn default() -> Self {
        Self { standard_strings: true, open: None, newline_seen: false }
    }
}

impl Lexer {
    /// The token that begins at `position`; `None` at the end of the text.
    pub fn token_at(&mut self, source: &str, position: usize) -> Option<Token> {
        let rest = &source[position..];
        let first = rest.chars().next()?;
        let (kind, length) = self.recognise(rest, first);
        match kind {
            TokenKind::Space => self.newline_seen |= rest[..length].contains(['\n', '\r']),
            // The line end that closes the comment is white space of its own, which counts.
            TokenKind::LineComment => {}
            TokenKind::String { kind, .. } => {
                self.open = Some(kind);
                self.newline_seen = false;
            }
            TokenKind::BlockComment { .. }
            | TokenKind::Word
            | TokenKind::QuotedIdent { .. }
            | TokenKind::UnicodeIdent { .. }
            | TokenKind::DollarString { .. }
            | TokenKind::Number
            | TokenKind::Parameter
            | TokenKind::Operator
            | TokenKind::Punctuation
            | TokenKind::Other => self.open = None,
        }
        Some(Token { kind, start: position, end: position + length })
    }

    fn recognise(&self, rest: &str, first: char) -> (TokenKind, usize) {
        let second = rest.as_bytes().get(1).copied();
        match first {
            space if is_space(space) => (TokenKind::Space, rest.find(|c| !is_space(c)).unwrap_or(rest.len())),
            '-' if second == Some(b'-') => {
                (TokenKind::LineComment, rest.find(['\n', '\r']).unwrap_or(rest.len()))
            }
            '/' if second == Some(b'*') => {
                let (length, closed) = block_comment(rest);
                (TokenKind::BlockComment { closed }, length)
            }
            '\'' => {
                let continued = self.open.filter(|_| self.newline_seen);
                let plain = if self.standard_strings { StringKind::Standard } else { StringKind::Escape };
                string(rest, 0, continued.unwrap_or(plain), continued.is_some())
            }
            '"' => {
                let (length, closed) = until_quote(rest, 1, b'"', false);
                (TokenKind::QuotedIdent { closed }, length)
            }
            'u' | 'U' if rest[1..].starts_with("&'") => string(rest, 2, StringKind::Unicode, false),
            'u' | 'U' if rest[1..].starts_with("&\"") => {
                let (length, closed) = until_quote(rest, 3, b'"', false);
                (TokenKind::UnicodeIdent { closed }, length)
            }
            'e' | 'E' if second == Some(b'\'') => string(rest, 1, StringKind::Escape, false),
            'n' | 'N' if second == Some(b'\'') => string(rest, 1, StringKind::National, false),
            'b' | 'B' if second == Some(b'\'') => string(rest, 1, StringKind::Bit, false),
            'x' | 'X' if second == Some(b'\'') => string(rest, 1, StringKind::Hex, false),
            start if is_word_start(start) => {
                let end = rest.find(|c| !is_word_start(c) && !c.is_ascii_digit() && c != '$');
                (TokenKind::Word, end.unwrap_or(rest.len()))
            }
            '$' => dollar(rest),
            '0'..='9' => (TokenKind::Number, number(rest)),
            '.' if second.is_some_and(|byte| byte.is_ascii_digit()) => (TokenKind::Number, number(rest)),
            ':' if matches!(second, Some(b':' | b'=')) => (TokenKind::Punctuation, 2),
            '.' if second == Some(b'.') => (TokenKind::Punctuation, 2),
            '(' | ')' | '[' | ']' | ',' | ';' | ':' | '.' => (TokenKind::Punctuation, 1),
            sign if is_operator(sign) => (TokenKind::Operator, operator(rest)),
            other => (TokenKind::Other, other.len_utf8()),
        }
    }
}

fn string(rest: &str, prefix: usize, kind: StringKind, continued: bool) -> (TokenKind, usize) {
    let (length, closed) = until_quote(rest, prefix + 1, b'\'', kind == StringKind::Escape);
    (TokenKind::String { kind, closed, continued }, length)
}

/// The length up to and with the closing quote. A doubled quote is content.
fn until_quote(rest: &str, from: usize, quote: u8, backslash_escapes: bool) -> (usize, bool) {
    let bytes = rest.as_bytes();
    let mut index = from;
    while index < bytes.len() {
        if bytes[index] == quote {
            if bytes.get(index + 1) != Some(&quote) {
                return (index + 1, true);
            }
            index += 2;
        } else if backslash_escapes && bytes[index] == b'\\' {
            index += 2;
        } else {
            index += 1;
        }
    }
    (bytes.len(), false)
}

/// Block comments nest.
fn block_comment(rest: &str) -> (usize, bool) {
    let bytes = rest.as_bytes();
    let mut depth = 1;
    let mut index = 2;
    while index < bytes.len() {
        match bytes[index..] {
            [b'/', b'*', ..] => {
                depth += 1;
                index += 2;
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                index += 2;
                if depth == 0 {
                    return (index, true);
                }
            }
            _ => index += 1,
        }
    }
    (bytes.len(), false)
}

/// A dollar quote, a parameter, or a stray dollar sign.
fn dollar(rest: &str) -> (TokenKind, usize) {
    let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        return (TokenKind::Parameter, 1 + digits);
    }
    let tag = rest[1..].find(|c| !is_word_start(c) && !c.is_ascii_digit()).unwrap_or(rest.len() - 1);
    if !rest[1 + tag..].starts_with('$') {
        return (TokenKind::Other, 1);
    }
    let delimiter = &rest[..tag + 2];
    match rest[delimiter.len()..].find(delimiter) {
        Some(content) => (TokenKind::DollarString { closed: true }, content + 2 * delimiter.len()),
        None => (TokenKind::DollarString { closed: false }, rest.len()),
    }
}

fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let digits = |from: usize, is_digit: fn(&u8) -> bool| {
        bytes[from..].iter().take_while(|byte| is_digit(byte) || **byte == b'_').count()
    };
    if let [b'0', base @ (b'x' | b'X' | b'o' | b'O' | b'b' | b'B'), ..] = bytes {
        let found = digits(
            2,
            if base.eq_ignore_ascii_case(&b'x') { u8::is_ascii_hexdigit } else { u8::is_ascii_digit },
        );
        if found > 0 {
            return 2 + found;
        }
    }
    let mut end = digits(0, u8::is_ascii_digit);
    // `1..10` is a range of PL/pgSQL, not `1.` and `.10`.
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1) != Some(&b'.') {
        end += 1;
        end += digits(end, u8::is_ascii_digit);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign, u8::is_ascii_digit);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

/// As long as possible, but not into a comment, and not ending in `+` or `-` unless one of the characters is
/// none of SQL's own: `a*-b` is a product with a negation.
fn operator(rest: &str) -> usize {
    let mut end = rest.find(|c| !is_operator(c)).unwrap_or(rest.len());
    for comment in ["--", "/*"] {
        if let Some(start) = rest[..end].find(comment) {
            end = start;
        }
    }
    if !rest[..end].contains(['~', '!', '@', '#', '^', '&', '|', '`', '?', '%']) {
        while end > 1 && rest[..end].ends_with(['+', '-']) {
            end -= 1;
        }
    }
    end
}

pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

fn is_word_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || !c.is_ascii()
}

fn is_operator(c: char) -> bool {
    "~!@#^&|`?+-*/%<>=".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(source: &str, expected: &[&str]) {
        let found: Vec<&str> = significant_tokens(source).map(|token| token.text(source)).collect();
        assert_eq!(found, expected, "{source}");
    }

    #[test]
    fn words_names_and_numbers() {
        check("select a$1, Größe_2 from t", &["select", "a$1", ",", "Größe_2", "from", "t"]);
        check(r#""a""b"."c" U&"d!0061""#, &[r#""a""b""#, ".", r#""c""#, r#"U&"d!0061""#]);
        check(
            "1.5e-3 .5 1..10 0xFF 1_000 12.a",
            &["1.5e-3", ".5", "1", "..", "10", "0xFF", "1_000", "12.", "a"],
        );
        check("$1 $12::int", &["$1", "$12", "::", "int"]);
    }

    #[test]
    fn strings() {
        check(
            "'it''s' E'a\\'b' B'01' x'ff' N'n' U&'d\\0061'",
            &["'it''s'", "E'a\\'b'", "B'01'", "x'ff'", "N'n'", "U&'d\\0061'"],
        );
        check("'a\\' b", &["'a\\'", "b"]);
        check("$$a;'b$$ $tag$ $$ $tag$ $a$$a$ $b", &["$$a;'b$$", "$tag$ $$ $tag$", "$a$$a$", "$", "b"]);
        check("a$$b$$", &["a$$b$$"]);
        check("1$$;$$", &["1", "$$;$$"]);
    }

    #[test]
    fn a_string_goes_on_over_line_ends() {
        let continued = |source: &str| {
            let last = significant_tokens(source).last().expect("a token");
            matches!(last.kind, TokenKind::String { continued: true, .. })
        };
        assert!(continued("'a'\n 'b'"));
        assert!(continued("E'a' -- c\n 'b\\'c'"));
        assert!(!continued("'a' 'b'"));
        assert!(!continued("'a' /* \n */ 'b'"));
        assert!(!continued("'a' /* c */ \n 'b'"));
        assert!(!continued("'a'\n, 'b'"));
        check("E'a'\n'b\\'c' d", &["E'a'", "'b\\'c'", "d"]);
    }

    #[test]
    fn comments_and_operators() {
        check("a -- b\nc", &["a", "c"]);
        check("a /* b /* c */ d */ e /**/ f /***/ g", &["a", "e", "f", "g"]);
        check(
            "a*-b a<-b a@-b a+--b\nc",
            &["a", "*", "-", "b", "a", "<", "-", "b", "a", "@-", "b", "a", "+", "c"],
        );
        check("a->>'b' a?|b a<>/*c*/b", &["a", "->>", "'b'", "a", "?|", "b", "a", "<>", "b"]);
        check("a::b := c[1:2]", &["a", "::", "b", ":=", "c", "[", "1", ":", "2", "]"]);
    }

    #[test]
    fn what_is_never_closed_says_so() {
        for source in ["'a", "\"a", "U&\"a", "$$a", "$a$b$$", "/* /* */", "E'a\\'", "E'\\"] {
            let last = tokens(source).last().expect("a token");
            let closed = match last.kind {
                TokenKind::BlockComment { closed }
                | TokenKind::QuotedIdent { closed }
                | TokenKind::UnicodeIdent { closed }
                | TokenKind::String { closed, .. }
                | TokenKind::DollarString { closed } => closed,
                _ => true,
            };
            assert!(!closed, "{source}");
            assert_eq!((last.start, last.end), (0, source.len()), "{source}");
        }
    }

    proptest! {
        #[test]
        fn tokens_put_together_are_the_text(source in r#"([a-eEuU&'"$\\;:0-9./*+<-]|\n|[ \t]|.)*"#) {
            let together: String = tokens(&source).map(|token| token.text(&source)).collect();
            prop_assert_eq!(together, source);
        }
    }
}
