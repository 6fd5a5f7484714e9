//! A title as a part of a file name.

const LONGEST: usize = 60;

/// Letters, digits and underscores of ASCII: every tool and every file system takes them.
pub(super) fn slug(title: &str) -> String {
    let mut slug = String::new();
    for character in title.chars() {
        if character.is_ascii_alphanumeric() {
            slug.push(character.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('_') {
            slug.push('_');
        }
    }
    slug.truncate(LONGEST);
    let slug = slug.trim_end_matches('_');
    if slug.is_empty() { "repair".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_names_of_files() {
        assert_eq!(slug("Repair public.orders"), "repair_public_orders");
        assert_eq!(slug("../..//etc; drop"), "etc_drop");
        assert_eq!(slug("  ü 🦀 "), "repair");
        assert_eq!(slug(&"ab ".repeat(40)).len(), 59);
    }
}
