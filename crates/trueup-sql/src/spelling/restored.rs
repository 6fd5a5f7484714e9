//! Texts that change when a server reads them again, as it does when a dump is restored.
//!
//! A list of values that is cast as a whole, `(ARRAY['a', 'b'])::text[]`, becomes a list of casts when its text is
//! read: `ARRAY[('a')::text, ('b')::text]`. From then on it stays. Both mean the same, on servers of the same version.

use std::borrow::Cow;

const BEGINNING: &str = "(ARRAY[";

/// The text as it comes back from a restored dump.
pub(super) fn restored(text: &str) -> Cow<'_, str> {
    let mut result: Option<String> = None;
    let mut rest = text;
    while let Some(at) = find_outside_of_quotes(rest, BEGINNING) {
        let written = result.get_or_insert_default();
        let Some((elements, cast, length)) = whole_cast(&rest[at + BEGINNING.len()..]) else {
            written.push_str(&rest[..at + BEGINNING.len()]);
            rest = &rest[at + BEGINNING.len()..];
            continue;
        };
        written.push_str(&rest[..at]);
        let elements: Vec<String> = elements.iter().map(|element| format!("({element})::{cast}")).collect();
        written.push_str(&format!("ARRAY[{}]", elements.join(", ")));
        rest = &rest[at + BEGINNING.len() + length..];
    }
    match result {
        None => Cow::Borrowed(text),
        Some(written) => Cow::Owned(written + rest),
    }
}

/// What stands behind the first bracket: the elements, the type of each, and how much of the text that was.
fn whole_cast(text: &str) -> Option<(Vec<&str>, &str, usize)> {
    let mut elements = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    let mut end = None;
    for (at, character) in outside_of_quotes(text) {
        match character {
            '(' | '[' => depth += 1,
            ']' if depth == 0 => {
                elements.push(text[start..at].trim());
                end = Some(at + 1);
                break;
            }
            ')' | ']' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                elements.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    let end = end?;
    let cast = text[end..].strip_prefix(")::")?;
    let length = cast.find("[]")?;
    let name = &cast[..length];
    let is_type = !name.is_empty() && !name.contains([',', ';', '=', '<', '>', '[', ']', '\'']);
    is_type.then_some((elements, name, end + 3 + length + 2))
}

fn find_outside_of_quotes(text: &str, wanted: &str) -> Option<usize> {
    outside_of_quotes(text).map(|(at, _)| at).find(|at| text[*at..].starts_with(wanted))
}

fn outside_of_quotes(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut quote = None;
    text.char_indices().filter(move |(_, character)| match (quote, *character) {
        // A doubled quote ends and begins one.
        (Some(open), character) => {
            if open == character {
                quote = None;
            }
            false
        }
        (None, open @ ('\'' | '"')) => {
            quote = Some(open);
            false
        }
        (None, _) => true,
    })
}

#[cfg(test)]
mod tests {
    use super::restored;

    #[test]
    fn a_cast_of_a_list_becomes_a_list_of_casts() {
        assert_eq!(
            restored(
                "((status)::text = ANY ((ARRAY['a'::character varying, 'it''s, (b]'::character varying])::text[]))"
            ),
            "((status)::text = ANY (ARRAY[('a'::character varying)::text, ('it''s, (b]'::character varying)::text]))"
        );
        assert_eq!(
            restored(
                "(y = ANY ((ARRAY[2020, f(1, 2)])::double precision[])) OR (ARRAY[1])::numeric(5,2)[] = x"
            ),
            "(y = ANY (ARRAY[(2020)::double precision, (f(1, 2))::double precision])) OR (ARRAY[1])::numeric(5,2)[] = x"
        );
    }

    #[test]
    fn everything_else_stays() {
        for text in [
            "(a = ANY (ARRAY[1, 2]))",
            "'(ARRAY[1])::text[]'::text",
            "(ARRAY[1, 2",
            "(ARRAY[1])::text",
            "(ARRAY[1]) + b[1]",
        ] {
            assert_eq!(restored(text), text);
        }
        let once = restored("(x = ANY ((ARRAY['a'::text])::varchar[]))").into_owned();
        assert_eq!(restored(&once), once);
    }
}
